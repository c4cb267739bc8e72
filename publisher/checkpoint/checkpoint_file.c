#include "checkpoint/checkpoint_file.h"

#include "base/atomic_file.h"
#include "publisher_options.h"
#include "source/record_reader.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <sodium.h>
#include <string.h>
#include <sys/stat.h>

enum { VERSION = 2, HEX_MAX = 2 * CHECKPOINT_HASH + 1 };

struct checkpoint_file {
    const char *path;
    char *part;
    struct checkpoint_key key;
    int fd; /* the current file, which holds the lock */
};

static int refuse_key(const struct checkpoint_file *file, const char *what, const char *theirs,
                      const char *ours, struct error *error)
{
    return error_set(error, EX_CONFIG,
                     "the checkpoint '%.200s' belongs to another %s: '%.200s', not '%.200s'; "
                     "remove it to start from the beginning",
                     file->path, what, theirs, ours);
}

static int refuse_content(const struct checkpoint_file *file, struct error *error)
{
    return error_set(error, EX_CONFIG, "'%s' is not a checkpoint of publisher", file->path);
}

static int cannot(const struct checkpoint_file *file, const char *what, int number,
                  struct error *error)
{
    return error_set(error, EX_CONFIG, "cannot %s '%s': %s", what, file->path, strerror(number));
}

/* The rename that writes a checkpoint would replace the link. */
static int refuse_link(const struct checkpoint_file *file, struct error *error)
{
    return error_set(
        error, EX_CONFIG,
        "the checkpoint '%s' is a symbolic link and is not followed: give the name of the file",
        file->path);
}

static int check_key(const struct checkpoint_file *file, const char *prefix, const char *subject,
                     const char *source, struct error *error)
{
    const struct checkpoint_key *key = &file->key;
    if (key->prefix && strcmp(prefix, key->prefix) != 0)
        return refuse_key(file, "--id-prefix", prefix, key->prefix, error);
    if (strcmp(subject, key->subject) != 0)
        return refuse_key(file, "SUBJECT", subject, key->subject, error);
    if (strcmp(source, key->source) != 0)
        return refuse_key(file, "kind of input", source, key->source, error);
    return 0;
}

/* The prefix becomes part of a header. */
static bool is_valid_prefix(const char *prefix)
{
    size_t length = strlen(prefix);
    return length <= PUBLISHER_ID_PREFIX_MAX && !header_id_fault(prefix, length);
}

static bool parse_hash(struct checkpoint_hash *hash, const char *hex)
{
    const char *end;
    size_t length;
    return sodium_hex2bin(hash->bytes, CHECKPOINT_HASH, hex, strlen(hex), NULL, &length, &end) ==
               0 &&
           length == CHECKPOINT_HASH && !*end;
}

/* [[number, hash], …], ascending and before the position. */
static bool parse_refused(struct checkpoint_state *state, json_t *list)
{
    size_t i;
    json_t *pair;
    if (!json_is_array(list) || json_array_size(list) > CHECKPOINT_REFUSED_MOST)
        return false;
    json_array_foreach(list, i, pair)
    {
        json_int_t number;
        const char *before;
        if (json_unpack(pair, "[I, s!]", &number, &before) < 0 || number < 0 ||
            (uint64_t)number >= state->position ||
            (i > 0 && (uint64_t)number <= state->refused[i - 1].number) ||
            !parse_hash(&state->refused[i].before, before))
            return false;
        state->refused[i].number = (uint64_t)number;
        state->n_refused = i + 1;
    }
    return true;
}

static int parse_checkpoint(const struct checkpoint_file *file, json_t *root,
                            struct checkpoint_state *state, struct error *error)
{
    const char *prefix, *subject, *source, *hash;
    json_int_t version, position, partial;
    json_t *refused;
    if (json_unpack(root, "{s:I}", "natsq_checkpoint", &version) == 0 && version != VERSION)
        return error_set(error, EX_CONFIG,
                         "the checkpoint '%s' was written by another version of publisher; remove "
                         "it to start from the beginning",
                         file->path);
    if (json_unpack(root, "{s:I, s:s, s:s, s:s, s:I, s:s, s:I, s:o!}", "natsq_checkpoint", &version,
                    "id_prefix", &prefix, "subject", &subject, "source", &source, "confirmed",
                    &position, "hash", &hash, "partial", &partial, "refused", &refused) < 0 ||
        position < 0 || partial < 0 || partial > RECORD_MAX || !is_valid_prefix(prefix) ||
        !parse_hash(&state->hash, hash))
        return refuse_content(file, error);
    state->position = (uint64_t)position;
    state->partial = (uint64_t)partial;
    if (!parse_refused(state, refused))
        return refuse_content(file, error);
    if (check_key(file, prefix, subject, source, error) < 0)
        return -1;
    state->prefix = strdup(prefix);
    return state->prefix ? 0 : error_set(error, EX_OSERR, "out of memory");
}

/* An empty file is new, or a run was killed before its first write. */
static int read_file(const struct checkpoint_file *file, struct checkpoint_state *state,
                     struct error *error)
{
    struct stat status;
    if (fstat(file->fd, &status) < 0)
        return cannot(file, "read", errno, error);
    if (!S_ISREG(status.st_mode))
        return refuse_content(file, error);
    if (status.st_size == 0)
        return 0;
    json_t *root = json_loadfd(file->fd, 0, NULL);
    int result = root ? parse_checkpoint(file, root, state, error) : refuse_content(file, error);
    json_decref(root);
    return result;
}

static int in_use(const struct checkpoint_file *file, struct error *error)
{
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    char holder[60] = "another publisher";
    if (fcntl(file->fd, F_GETLK, &lock) == 0 && lock.l_type != F_UNLCK && lock.l_pid > 0)
        snprintf(holder, sizeof holder, "the publisher with process id %ld", (long)lock.l_pid);
    return error_set(error, EX_TEMPFAIL, "the checkpoint '%.200s' is in use by %s", file->path,
                     holder);
}

static bool is_link(const struct checkpoint_file *file)
{
    struct stat status;
    return lstat(file->path, &status) == 0 && S_ISLNK(status.st_mode);
}

static int lock(int fd)
{
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    return fcntl(fd, F_SETLK, &lock);
}

static bool is_current(const struct checkpoint_file *file)
{
    struct stat ours, theirs;
    return fstat(file->fd, &ours) == 0 && lstat(file->path, &theirs) == 0 &&
           ours.st_dev == theirs.st_dev && ours.st_ino == theirs.st_ino;
}

/* Repeats when another publisher replaces the file between opening and locking it. */
static int open_locked(struct checkpoint_file *file, struct error *error)
{
    for (;;) {
        file->fd = open(file->path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK, 0666);
        if (file->fd < 0)
            return errno == ELOOP && is_link(file) ? refuse_link(file, error)
                                                   : cannot(file, "open", errno, error);
        if (lock(file->fd) < 0)
            return errno == EAGAIN || errno == EACCES ? in_use(file, error)
                                                      : cannot(file, "lock", errno, error);
        if (is_current(file))
            return 0;
        close(file->fd);
    }
}

int checkpoint_file_open(struct checkpoint_file **opened, const char *path,
                         const struct checkpoint_key *key, struct checkpoint_state *state,
                         struct error *error)
{
    _cleanup_(cleanup_checkpoint_file) struct checkpoint_file *file = calloc(1, sizeof *file);
    if (!file)
        return error_set(error, EX_OSERR, "out of memory");
    *file = (struct checkpoint_file){.path = path, .key = *key, .fd = -1};
    if (asprintf(&file->part, "%s.part", path) < 0) {
        file->part = NULL;
        return error_set(error, EX_OSERR, "out of memory");
    }
    if (open_locked(file, error) < 0 || read_file(file, state, error) < 0)
        return -1;
    *opened = take(file);
    return 0;
}

void checkpoint_file_close(struct checkpoint_file *file)
{
    if (!file)
        return;
    if (file->fd >= 0)
        close(file->fd);
    free(file->part);
    free(file);
}

static json_t *format_refused(const struct checkpoint_state *state)
{
    char hash[HEX_MAX];
    json_t *list = json_array();
    for (size_t i = 0; i < state->n_refused; i++) {
        const struct checkpoint_refused *refused = &state->refused[i];
        sodium_bin2hex(hash, sizeof hash, refused->before.bytes, CHECKPOINT_HASH);
        json_array_append_new(list, json_pack("[I, s]", (json_int_t)refused->number, hash));
    }
    return list;
}

static char *format_checkpoint(const struct checkpoint_file *file,
                               const struct checkpoint_state *state)
{
    char hash[HEX_MAX];
    sodium_bin2hex(hash, sizeof hash, state->hash.bytes, CHECKPOINT_HASH);
    json_t *root =
        json_pack("{s:i, s:s, s:s, s:s, s:I, s:s, s:I, s:o}", "natsq_checkpoint", VERSION,
                  "id_prefix", state->prefix, "subject", file->key.subject, "source",
                  file->key.source, "confirmed", (json_int_t)state->position, "hash", hash,
                  "partial", (json_int_t)state->partial, "refused", format_refused(state));
    char *text = json_dumps(root, 0);
    json_decref(root);
    return text;
}

static bool write_text(int fd, const char *text)
{
    return dprintf(fd, "%s\n", text) >= 0 && fsync(fd) == 0;
}

/* Only the holder of the lock writes the .part file, so an existing one is left from a run that was
 * killed. */
static int open_part(const char *part)
{
    return unlink(part) < 0 && errno != ENOENT
               ? -1
               : open(part, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
}

/* Locks the new file before it is renamed. It is not an atomic_file, which closes its descriptor:
 * that would drop the lock. */
int checkpoint_file_write(struct checkpoint_file *file, const struct checkpoint_state *state,
                          struct error *error)
{
    _cleanup_(cleanup_free) char *text = format_checkpoint(file, state);
    if (!text)
        return error_set(error, EX_OSERR, "out of memory");
    _cleanup_(cleanup_fd) int fd = open_part(file->part);
    if (fd < 0 || lock(fd) < 0 || !write_text(fd, text) ||
        atomic_file_rename(file->part, file->path, true) < 0)
        return cannot(file, "write", errno, error);
    int old = file->fd;
    file->fd = fd;
    fd = old; /* is closed, which drops the old lock */
    return 0;
}
