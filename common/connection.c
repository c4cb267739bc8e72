#include "connection.h"

#include "credentials.h"
#include "duration.h"
#include "nats_parser.h"
#include "stop.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum { DENIED_MAX = 16, DENIED_SUBJECT_MAX = 512 };

struct connection {
    natsConnection *nats;
    jsCtx *js;
    struct loop *loop;
    struct credentials *credentials;
    const struct log *log;
    int64_t timeout;
    atomic_uint generation, denials;
    pthread_mutex_t lock;                        /* for `denied` */
    char denied[DENIED_MAX][DENIED_SUBJECT_MAX]; /* the last ones, in a ring */
    atomic_bool closing;
    char api[128];
};

/* nats.c's own limits are for a client that may give up; see facts of 3.14 beside each. */
enum {
    RECONNECT_WAIT_MS = 250,   /* default 2 s */
    PING_INTERVAL_MS = 20000,  /* default 2 min: a dead peer would go unnoticed for 6 */
    WRITE_DEADLINE_MS = 10000, /* default none: a stuck peer would block every publisher; with a
                                  loop nobody is blocked, and the ping finds it */
    IO_BUFFER = 128 * 1024,    /* default 32 KiB: fewer and larger writes while publishing */
    CLOSE_WAIT_MS = 2000,      /* 0 is for ever, and was seen to hang */
};

/* The first address, without the user and password that a URL may carry. */
static const char *shown(const char *servers, char url[256])
{
    size_t length = strcspn(servers, ",");
    const char *host = memrchr(servers, '@', length); /* a password may hold one too */
    const char *scheme_end = strstr(servers, "://");
    size_t scheme =
        scheme_end && scheme_end < servers + length ? (size_t)(scheme_end - servers) + 3 : 0;
    if (host)
        snprintf(url, 256, "%.*s%.*s", (int)scheme, servers, (int)(servers + length - host - 1),
                 host + 1);
    else
        snprintf(url, 256, "%.*s", (int)length, servers);
    return url;
}

static void on_disconnected(natsConnection *nats, void *closure)
{
    const struct connection *connection = closure;
    const char *reason = NULL;
    if (connection->closing)
        return;
    natsConnection_GetLastError(nats, &reason);
    log_warn(connection->log, "disconnected from the server%s%s; reconnecting",
             reason && *reason ? ": " : "", reason ? reason : "");
}

static void on_reconnected(natsConnection *nats, void *closure)
{
    struct connection *connection = closure;
    char full[512] = "", url[256];
    natsConnection_GetConnectedUrl(nats, full, sizeof full);
    pthread_mutex_lock(&connection->lock); /* rights may have changed with it */
    memset(connection->denied, 0, sizeof connection->denied);
    pthread_mutex_unlock(&connection->lock);
    atomic_fetch_add(&connection->generation, 1);
    log_info(connection->log, "reconnected to %s", shown(full, url));
}

/* nats-server: `Permissions Violation for Publish to "SUBJECT"`. True if it is known already. */
static bool remember_denied(struct connection *connection, const char *reason)
{
    static const char before[] = "for Publish to \"";
    const char *subject = strstr(reason, before);
    if (!subject)
        return false;
    subject += sizeof before - 1;
    size_t length = strcspn(subject, "\"");
    if (length >= DENIED_SUBJECT_MAX)
        return false;
    pthread_mutex_lock(&connection->lock);
    bool known = false;
    for (size_t i = 0; i < DENIED_MAX; i++)
        known = known || (strncmp(connection->denied[i], subject, length) == 0 &&
                          connection->denied[i][length] == '\0');
    if (!known) {
        char *place = connection->denied[connection->denials % DENIED_MAX];
        memcpy(place, subject, length);
        place[length] = '\0';
    }
    pthread_mutex_unlock(&connection->lock);
    atomic_fetch_add(&connection->denials, 1);
    return known;
}

/* Asynchronous errors, mostly permission violations: the call they belong to times out as well.
 * The words are this thread's: those of the connection change under a reader's eyes. */
static void on_error(natsConnection *nats, natsSubscription *sub, natsStatus status, void *closure)
{
    (void)nats;
    (void)sub;
    struct connection *connection = closure;
    natsStatus last;
    const char *reason = nats_GetLastError(&last);
    if (last != status || !reason || !*reason)
        reason = natsStatus_GetText(status);
    if (status != NATS_NOT_PERMITTED || !remember_denied(connection, reason))
        log_warn(connection->log, "server: %s", reason); /* else once for each message in flight */
}

static natsStatus set_servers(natsOptions *options, const char *servers)
{
    enum { MOST = 32 };
    _cleanup_(cleanup_free) char *copy = strdup(servers);
    const char *list[MOST];
    int n = 0;
    char *rest = copy;
    for (char *one; n < MOST && (one = strsep(&rest, ","));)
        if (*one)
            list[n++] = one;
    return natsOptions_SetServers(options, list, n);
}

static int set_behaviour(natsOptions *nats, const struct connection_options *options,
                         const char *name, struct connection *connection, struct error *error)
{
    natsStatus s = natsOptions_SetName(nats, options->name ? options->name : name);
    if (s == NATS_OK)
        s = natsOptions_SetTimeout(nats, options->timeout / DURATION_MS);
    if (s == NATS_OK)
        s = natsOptions_SetMaxReconnect(nats, -1);
    if (s == NATS_OK)
        s = natsOptions_SetReconnectWait(nats, RECONNECT_WAIT_MS);
    if (s == NATS_OK)
        s = natsOptions_SetPingInterval(nats, PING_INTERVAL_MS);
    if (s == NATS_OK)
        s = natsOptions_SetWriteDeadline(nats, WRITE_DEADLINE_MS);
    if (s == NATS_OK) /* else what a server says that nats.c does not know closes for good */
        s = natsOptions_SetReconnectOnProtocolError(nats, true);
    if (s == NATS_OK) /* else the same refusal twice, as during a rotation, closes for good */
        s = natsOptions_SetIgnoreAuthErrorAbort(nats, true);
    if (s == NATS_OK)
        s = natsOptions_SetIOBufSize(nats, IO_BUFFER);
    if (s == NATS_OK) /* one thread for all inboxes, not one each: they only hand over */
        s = natsOptions_UseGlobalMessageDelivery(nats, true);
    if (s == NATS_OK)
        s = natsOptions_SetDisconnectedCB(nats, on_disconnected, connection);
    if (s == NATS_OK)
        s = natsOptions_SetReconnectedCB(nats, on_reconnected, connection);
    if (s == NATS_OK)
        s = natsOptions_SetErrorHandler(nats, on_error, connection);
    if (s == NATS_OK && connection->loop)
        s = loop_use(connection->loop, nats);
    return s == NATS_OK ? 0 : error_nats(error, s, "cannot set up the connection");
}

static int set_tls(natsOptions *nats, const struct connection_options *options, struct error *error)
{
    natsStatus s;
    if (options->tlsca &&
        (s = natsOptions_LoadCATrustedCertificates(nats, options->tlsca)) != NATS_OK)
        return error_set(error, EX_CONFIG, "--tlsca: cannot load certificates from '%s'",
                         options->tlsca);
    if (!options->tlscert != !options->tlskey)
        return error_set(error, EX_USAGE, "--tlscert and --tlskey go together");
    if (options->tlscert &&
        (s = natsOptions_LoadCertificatesChain(nats, options->tlscert, options->tlskey)) != NATS_OK)
        return error_set(error, EX_CONFIG, "cannot load the client certificate '%s' with key '%s'",
                         options->tlscert, options->tlskey);
    if (options->tlsfirst && ((s = natsOptions_SetSecure(nats, true)) != NATS_OK ||
                              (s = natsOptions_TLSHandshakeFirst(nats)) != NATS_OK))
        return error_nats(error, s, "--tlsfirst");
    return 0;
}

static int set_identity(natsOptions *nats, const struct connection_options *options,
                        struct connection *connection, struct error *error)
{
    natsStatus s = NATS_OK;
    if (options->creds)
        connection->credentials = credentials_open(options->creds, error);
    else if (options->nkey)
        connection->credentials = credentials_open_nkey(options->nkey, error);
    else if (options->user)
        s = natsOptions_SetUserInfo(nats, options->user, options->password);
    else if (options->token)
        s = natsOptions_SetToken(nats, options->token);
    if (s != NATS_OK)
        return error_nats(error, s, "cannot use the user or token given");
    if (!options->creds && !options->nkey)
        return 0;
    if (!connection->credentials)
        return -1;
    if (credentials_exposed(connection->credentials))
        log_warn(connection->log, "'%s' holds a secret and may be read by others: chmod 600",
                 options->creds ? options->creds : options->nkey);
    credentials_log(connection->credentials, connection->log);
    return credentials_use(nats, connection->credentials, error);
}

static int connect_failed(natsStatus status, const char *url, const struct connection_options *o,
                          struct error *error)
{
    if (status == NATS_NO_SERVER)
        return error_set(error, EX_UNAVAILABLE,
                         "no server at %s: %sname another with --server, or wait for it with "
                         "--wait",
                         url,
                         strcmp(url, CONNECTION_DEFAULT_SERVER) == 0
                             ? "start one (scripts/local-server start), "
                             : "");
    if (status == NATS_SSL_ERROR)
        return error_set(error, EX_UNAVAILABLE,
                         "no TLS connection to %s: %s (--tlsca names the authorities to trust%s)",
                         url, nats_GetLastError(NULL), o->tlsca ? "" : "; none is given");
    if (status == NATS_CONNECTION_AUTH_FAILED)
        return error_set(error, EX_NOPERM,
                         "the server at %s refused us: check --creds, --nkey, --user and "
                         "--password, or --token",
                         url);
    return error_nats(error, status, "cannot connect to %s", url);
}

/* Repeats while --wait says so and nobody is there; refusals end it. */
static int connect_to(struct connection *connection, natsOptions *nats, const char *servers,
                      const struct connection_options *options, struct error *error)
{
    char url[256];
    shown(servers, url);
    for (bool said = false;; said = true) {
        natsStatus s = natsConnection_Connect(&connection->nats, nats);
        if (s == NATS_OK)
            return 0;
        int result = connect_failed(s, url, options, error);
        if (!options->wait || error->exit_code != EX_UNAVAILABLE)
            return result;
        if (!said)
            log_info(connection->log, "waiting for a server at %s", url);
        if (stop_wait(RECONNECT_WAIT_MS * DURATION_MS))
            return 1;
    }
}

static int open_jetstream(struct connection *connection, const struct connection_options *options,
                          struct error *error)
{
    jsOptions js;
    jsOptions_Init(&js);
    if (options->js_api_prefix)
        snprintf(connection->api, sizeof connection->api, "%s", options->js_api_prefix);
    else if (options->js_domain)
        snprintf(connection->api, sizeof connection->api, "$JS.%s.API", options->js_domain);
    else
        snprintf(connection->api, sizeof connection->api, "$JS.API");
    js.Prefix = connection->api;
    js.Wait = options->timeout / DURATION_MS;
    natsStatus s = natsConnection_JetStream(&connection->js, connection->nats, &js);
    return s == NATS_OK ? 0 : error_nats(error, s, "cannot use JetStream");
}

int connection_open(struct connection **opened, const struct connection_options *given,
                    const char *name, const struct log *log, struct error *error)
{
    struct connection_options options = *given;
    const char *servers = connection_options_resolve(&options);
    _cleanup_(cleanup_connection) struct connection *connection = calloc(1, sizeof *connection);
    _cleanup_(cleanup_nats_options) natsOptions *nats = NULL;
    if (!connection || natsOptions_Create(&nats) != NATS_OK)
        return error_set(error, EX_OSERR, "out of memory");
    pthread_mutex_init(&connection->lock, NULL);
    connection->log = log;
    connection->timeout = options.timeout;
    if (options.looped && nats_parser_can_be_seen() &&
        !connection_options_want_tls(&options, servers) && loop_open(&connection->loop, error) < 0)
        return -1;
    natsStatus s = set_servers(nats, servers);
    if (s != NATS_OK)
        return error_set(error, EX_USAGE, "--server takes URLs such as nats://HOST:PORT");
    if (set_behaviour(nats, &options, name, connection, error) < 0 ||
        set_tls(nats, &options, error) < 0 || set_identity(nats, &options, connection, error) < 0)
        return -1;
    int result = connect_to(connection, nats, servers, &options, error);
    if (result != 0)
        return result;
    if (open_jetstream(connection, &options, error) < 0)
        return -1;
    *opened = take(connection);
    return 0;
}

void connection_close(struct connection *connection)
{
    if (!connection)
        return;
    connection->closing = true;
    jsCtx_Destroy(connection->js);
    if (connection->nats) {
        natsConnection_FlushTimeout(connection->nats, CLOSE_WAIT_MS);
        natsConnection_Close(connection->nats); /* waits for what the loop reads */
        loop_stop(connection->loop);
        natsConnection_Destroy(connection->nats);
    }
    nats_CloseAndWait(CLOSE_WAIT_MS);
    loop_close(connection->loop);
    credentials_close(connection->credentials);
    pthread_mutex_destroy(&connection->lock);
    free(connection);
}

natsConnection *connection_nats(const struct connection *connection)
{
    return connection->nats;
}

jsCtx *connection_js(const struct connection *connection)
{
    return connection->js;
}

const char *connection_api(const struct connection *connection)
{
    return connection->api;
}

struct loop *connection_loop(const struct connection *connection)
{
    return connection->loop;
}

int64_t connection_timeout(const struct connection *connection)
{
    return connection->timeout;
}

const struct log *connection_log(const struct connection *connection)
{
    return connection->log;
}

bool connection_is_up(const struct connection *connection)
{
    return natsConnection_Status(connection->nats) == NATS_CONN_STATUS_CONNECTED;
}

unsigned connection_generation(const struct connection *connection)
{
    return atomic_load(&connection->generation);
}

unsigned connection_denials(const struct connection *connection)
{
    return atomic_load(&connection->denials);
}

bool connection_denies(struct connection *connection, const char *subject)
{
    bool denied = false;
    pthread_mutex_lock(&connection->lock);
    for (size_t i = 0; i < DENIED_MAX; i++)
        denied = denied || strcmp(connection->denied[i], subject) == 0;
    pthread_mutex_unlock(&connection->lock);
    return denied;
}
