#include "nats/credentials.h"

#include "nats/credentials_text.h"
#include "nats/nats_error.h"
#include "nats/nkey.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/stat.h>

struct credentials {
    char *path;
    bool bare; /* an nkey file: a seed without a JWT */
    bool is_exposed;
    char public[NKEY_PUBLIC_LENGTH + 1]; /* the public key in the file when it was opened */
    const struct log *log;
    atomic_bool
        was_reported; /* it was logged that the file cannot be used; false again once it can */
};

/* The text of a file, in guarded memory. */
struct secret_text {
    char *bytes;
    size_t length;
    bool is_exposed;
};

static void wipe_text(struct secret_text *text)
{
    sodium_free(text->bytes); /* wipes; accepts NULL */
}

static int fault(const struct credentials *credentials, struct error *error, const char *what)
{
    return error_set(error, EX_CONFIG, "%s file '%s': %s",
                     credentials->bare ? "nkey" : "credentials", credentials->path, what);
}

/* O_NONBLOCK, because opening a FIFO would block. A FIFO is refused: it can be read only once. */
static int open_file(const struct credentials *credentials, struct stat *status,
                     struct error *error)
{
    _cleanup_(cleanup_fd) int fd = open(credentials->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0 || fstat(fd, status) < 0)
        return fault(credentials, error, strerror(errno));
    if (!S_ISREG(status->st_mode))
        return fault(credentials, error, "not a regular file");
    int opened = fd;
    fd = -1;
    return opened;
}

/* Up to `size` bytes, fewer only at the end of the file. */
static ssize_t read_up_to(int fd, char *bytes, size_t size)
{
    size_t length = 0;
    while (length < size) {
        ssize_t got = read(fd, bytes + length, size - length);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return -1;
        if (got == 0)
            break;
        length += (size_t)got;
    }
    return (ssize_t)length;
}

/* read(2) into guarded memory: a stdio buffer would keep the seed. */
static int read_text(const struct credentials *credentials, struct secret_text *text,
                     struct error *error)
{
    struct stat status;
    _cleanup_(cleanup_fd) int fd = open_file(credentials, &status, error);
    if (fd < 0)
        return -1;
    if (sodium_init() < 0)
        return error_set(error, EX_OSERR, "cannot initialize libsodium");
    text->bytes = sodium_malloc(CREDENTIALS_FILE_MAX + 1);
    if (!text->bytes)
        return error_set(error, EX_OSERR, "cannot allocate guarded memory for credentials");
    ssize_t length = read_up_to(fd, text->bytes, CREDENTIALS_FILE_MAX + 1);
    if (length < 0)
        return fault(credentials, error, strerror(errno));
    if (length > CREDENTIALS_FILE_MAX)
        return fault(credentials, error, "larger than 64 KiB");
    text->length = (size_t)length;
    text->is_exposed = status.st_mode & (S_IRGRP | S_IROTH);
    return 0;
}

static int parse_text(const struct credentials *credentials, const struct secret_text *text,
                      struct credentials_parts *parts, struct error *error)
{
    credentials_parse(text->bytes, text->length, parts);
    if (!credentials->bare && !credentials_have_jwt(parts))
        return fault(credentials, error, "holds no user JWT");
    if (!parts->seed)
        return fault(credentials, error, "holds no user seed");
    return 0;
}

static struct nkey *open_key(const struct credentials *credentials,
                             const struct credentials_parts *parts, struct error *error)
{
    struct error inner = {0};
    struct nkey *key = nkey_open(parts->seed, parts->seed_length, &inner);
    if (!key && inner.exit_code == EX_CONFIG)
        fault(credentials, error, inner.text);
    else if (!key)
        *error = inner;
    return key;
}

/* Reads the file; returns its key. */
static struct nkey *read_key(struct credentials *credentials, bool *is_exposed, struct error *error)
{
    _cleanup_(wipe_text) struct secret_text text = {0};
    struct credentials_parts parts;
    if (read_text(credentials, &text, error) < 0 ||
        parse_text(credentials, &text, &parts, error) < 0)
        return NULL;
    *is_exposed = text.is_exposed;
    return open_key(credentials, &parts, error);
}

static int validate(struct credentials *credentials, struct error *error)
{
    _cleanup_(cleanup_nkey) struct nkey *key =
        read_key(credentials, &credentials->is_exposed, error);
    if (!key)
        return -1;
    memcpy(credentials->public, nkey_public(key), sizeof credentials->public);
    return 0;
}

static struct credentials *open_kind(const char *path, bool bare, struct error *error)
{
    _cleanup_(cleanup_credentials) struct credentials *credentials = calloc(1, sizeof *credentials);
    if (!credentials || !(credentials->path = strdup(path))) {
        error_set(error, EX_OSERR, "out of memory");
        return NULL;
    }
    credentials->bare = bare;
    if (validate(credentials, error) < 0)
        return NULL;
    return take(credentials);
}

struct credentials *credentials_open(const char *path, struct error *error)
{
    return open_kind(path, false, error);
}

struct credentials *credentials_open_nkey(const char *path, struct error *error)
{
    return open_kind(path, true, error);
}

void credentials_close(struct credentials *credentials)
{
    if (!credentials)
        return;
    free(credentials->path);
    free(credentials);
}

bool credentials_exposed(const struct credentials *credentials)
{
    return credentials->is_exposed;
}

void credentials_log(struct credentials *credentials, const struct log *log)
{
    credentials->log = log;
}

/* nats.c releases the text of a failed callback with free() (3.14, conn.c _connectProto). It does
 * not report it at a reconnect, so it is logged here. */
static natsStatus fail(struct credentials *credentials, const struct error *error, char **text)
{
    if (credentials->log && !atomic_exchange(&credentials->was_reported, true))
        log_warn(credentials->log, "cannot authenticate: %s", error->text);
    *text = strdup(error->text);
    return NATS_CONNECTION_AUTH_FAILED;
}

/* nats.c releases the JWT with free(). */
static int read_jwt(struct credentials *credentials, char **jwt, struct error *error)
{
    _cleanup_(wipe_text) struct secret_text text = {0};
    struct credentials_parts parts;
    if (read_text(credentials, &text, error) < 0 ||
        parse_text(credentials, &text, &parts, error) < 0)
        return -1;
    *jwt = malloc(parts.jwt_length + 1);
    if (!*jwt)
        return error_set(error, EX_OSERR, "out of memory");
    memcpy(*jwt, parts.jwt,
           parts.jwt_length); /* strndup may read past its end, into a guard page */
    (*jwt)[parts.jwt_length] = '\0';
    return 0;
}

static natsStatus give_jwt(char **jwt, char **text, void *closure)
{
    struct credentials *credentials = closure;
    struct error error = {0};
    if (read_jwt(credentials, jwt, &error) < 0)
        return fail(credentials, &error, text);
    return NATS_OK;
}

/* A new JWT comes with its own key; for a bare key, nats.c keeps the public key that it was
 * given. */
static int check_same(const struct credentials *credentials, const struct nkey *key,
                      struct error *error)
{
    if (credentials->bare && strcmp(nkey_public(key), credentials->public) != 0)
        return fault(credentials, error,
                     "holds a different key than at the start: restart to use it");
    return 0;
}

/* nats.c releases the signature with free(). A server that needs none sends no nonce. */
static int sign(struct credentials *credentials, const char *nonce, unsigned char **signature,
                struct error *error)
{
    bool is_exposed;
    _cleanup_(cleanup_nkey) struct nkey *key = read_key(credentials, &is_exposed, error);
    if (!key || check_same(credentials, key, error) < 0)
        return -1;
    _cleanup_(cleanup_free) unsigned char *signed_nonce = malloc(NKEY_SIGNATURE_SIZE);
    if (!signed_nonce)
        return error_set(error, EX_OSERR, "out of memory");
    const char *given = nonce ? nonce : "";
    if (nkey_sign(key, given, strlen(given), signed_nonce, error) < 0)
        return -1;
    *signature = take(signed_nonce);
    return 0;
}

static natsStatus give_signature(char **text, unsigned char **signature, int *length,
                                 const char *nonce, void *closure)
{
    struct credentials *credentials = closure;
    struct error error = {0};
    if (sign(credentials, nonce, signature, &error) < 0)
        return fail(credentials, &error, text);
    atomic_store(&credentials->was_reported, false);
    *length = NKEY_SIGNATURE_SIZE;
    return NATS_OK;
}

int credentials_use(natsOptions *options, struct credentials *credentials, struct error *error)
{
    natsStatus status =
        credentials->bare
            ? natsOptions_SetNKey(options, credentials->public, give_signature, credentials)
            : natsOptions_SetUserCredentialsCallbacks(options, give_jwt, credentials,
                                                      give_signature, credentials);
    if (status != NATS_OK)
        return error_nats(error, status, "cannot use %s", credentials->path);
    return 0;
}
