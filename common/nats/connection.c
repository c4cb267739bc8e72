#include "nats/connection.h"

#include "base/clock.h"
#include "base/duration.h"
#include "base/stop.h"
#include "nats/connection_setup.h"
#include "nats/denials.h"
#include "nats/identity.h"
#include "nats/nats_cleanup.h"
#include "nats/nats_error.h"
#include "nats/nats_fix_parser.h"
#include "nats/plaintext_only.h"

#include <errno.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct connection {
    natsConnection *nats;
    struct event_loop *loop;
    struct credentials *credentials;
    const struct log *log;
    int64_t timeout;
    atomic_uint generation;
    struct denials denials;
    atomic_bool closing, mutes_denials;
    sem_t closed; /* posted after the last callback */
    struct ack_subject acks;
    char api[128];
};

enum {
    RECONNECT_JITTER_MS = 100,
    FLUSH_WAIT_MS = 1000, /* a silent server must not extend a stop by much more than its grace */
    CLOSE_WAIT_MS = 2000, /* 0: forever, which has hung */
};

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
    (void)nats;
    struct connection *connection = closure;
    char url[SERVER_URL_SHOWN_MAX];
    denials_forget(&connection->denials);
    plaintext_only_reset();
    atomic_fetch_add(&connection->generation, 1);
    log_warn(connection->log, "reconnected to %s", connection_url(connection, url));
}

/* Logs each subject once, not for each message in flight. Not those of acknowledgements, each of
 * which has its own: ack_subject reports them. */
static void log_denial(struct connection *connection, const char *reason)
{
    char subject[DENIED_SUBJECT_MAX];
    /* Read first: the thread that muted them unmutes once it sees this denial. */
    bool is_muted = atomic_load(&connection->mutes_denials);
    int known = denials_add(&connection->denials, reason, subject);
    if (known >= 0 && ack_subject_refused(&connection->acks, subject))
        return;
    bool is_ack = known >= 0 &&
                  strncmp(subject, DELIVERY_PLAIN_PREFIX, sizeof DELIVERY_PLAIN_PREFIX - 1) == 0;
    if (known <= 0 && !is_muted && !is_ack)
        log_warn(connection->log, "server: %s", reason);
}

/* The last callback. */
static void on_closed(natsConnection *nats, void *closure)
{
    (void)nats;
    struct connection *connection = closure;
    sem_post(&connection->closed);
}

/* Asynchronous errors, mostly permission violations; the call that caused one times out. The text
 * is taken from this thread's last error, because that of the connection changes while it is read.
 */
static void on_error(natsConnection *nats, natsSubscription *sub, natsStatus status, void *closure)
{
    (void)nats;
    (void)sub;
    struct connection *connection = closure;
    natsStatus last;
    const char *reason = nats_GetLastError(&last);
    if (last != status || !reason || !*reason)
        reason = natsStatus_GetText(status);
    if (status == NATS_NOT_PERMITTED)
        log_denial(connection, reason);
    else
        log_warn(connection->log, "server: %s", reason);
}

/* Called when no server of the list accepted us. A running program cannot change to a connection
 * without an event loop, as TLS needs. */
static int64_t on_reconnect_round(natsConnection *nats, int round, void *closure)
{
    (void)nats;
    (void)round;
    (void)closure;
    struct error error;
    if (plaintext_only_was_violated()) {
        error_set(
            &error, EX_UNAVAILABLE,
            "the server demands TLS, which it did not when this connection was made: start again");
        stop_because(&error);
    }
    return CONNECTION_RECONNECT_WAIT_MS + clock_now() / DURATION_MS % RECONNECT_JITTER_MS;
}

static natsStatus set_loop(natsOptions *nats, struct connection *connection)
{
    natsStatus s = event_loop_use(connection->loop, nats);
    if (s == NATS_OK)
        s = plaintext_only_use(nats);
    return s == NATS_OK ? natsOptions_SetCustomReconnectDelay(nats, on_reconnect_round, connection)
                        : s;
}

static int set_callbacks(natsOptions *nats, struct connection *connection, struct error *error)
{
    natsStatus s = natsOptions_SetDisconnectedCB(nats, on_disconnected, connection);
    if (s == NATS_OK)
        s = natsOptions_SetClosedCB(nats, on_closed, connection);
    if (s == NATS_OK)
        s = natsOptions_SetReconnectedCB(nats, on_reconnected, connection);
    if (s == NATS_OK)
        s = natsOptions_SetErrorHandler(nats, on_error, connection);
    if (s == NATS_OK && connection->loop)
        s = set_loop(nats, connection);
    return s == NATS_OK ? 0 : error_nats(error, s, "cannot set up the connection");
}

/* With --wait, tries again while no server answers, but not after a refusal. 2: a server demands
 * TLS, so that no event loop can be used. */
static int connect_to(struct connection *connection, natsOptions *nats,
                      const struct connection_options *options, const struct server_urls *urls,
                      struct error *error)
{
    char servers[CONNECTION_SERVERS_SHOWN_MAX];
    for (bool was_logged = false;; was_logged = true) {
        plaintext_only_reset();
        natsStatus s = natsConnection_Connect(&connection->nats, nats);
        if (s == NATS_OK) { /* another server of the list may have demanded TLS */
            plaintext_only_reset();
            return 0;
        }
        if (plaintext_only_was_violated())
            return 2;
        int result = connection_setup_failed(s, options, urls, error);
        if (!options->wait || error->exit_code != EX_UNAVAILABLE)
            return result;
        if (!was_logged)
            log_info(connection->log, "waiting for a server at %s",
                     connection_servers_shown(urls, servers));
        if (stop_wait(CONNECTION_RECONNECT_WAIT_MS * DURATION_MS))
            return 1;
    }
}

/* Returns as connect_to does. */
static int connect_once(struct connection *connection, const struct connection_options *options,
                        const struct server_urls *urls, const char *name, struct error *error)
{
    _cleanup_(cleanup_nats_options) natsOptions *nats = NULL;
    if (natsOptions_Create(&nats) != NATS_OK)
        return error_set(error, EX_OSERR, "out of memory");
    if (connection_setup(nats, options, urls, name, error) < 0 ||
        set_callbacks(nats, connection, error) < 0 ||
        identity_use(nats, options, connection->credentials, error) < 0)
        return -1;
    return connect_to(connection, nats, options, urls, error);
}

static int connect_looped_or_not(struct connection *connection,
                                 const struct connection_options *options,
                                 const struct server_urls *urls, const char *name,
                                 struct error *error)
{
    bool want_tls = urls->want_tls || connection_options_want_tls(options);
    bool looped = options->looped && nats_fix_parser_is_linked() && !want_tls;
    if (looped && event_loop_open(&connection->loop, error) < 0)
        return -1;
    int result = connect_once(connection, options, urls, name, error);
    if (result != 2)
        return result;
    event_loop_close(take(connection->loop));
    return connect_once(connection, options, urls, name, error);
}

/* The prefix of the JetStream API's subjects. */
static void set_api(struct connection *connection, const struct connection_options *options)
{
    if (options->js_api_prefix)
        snprintf(connection->api, sizeof connection->api, "%s", options->js_api_prefix);
    else if (options->js_domain)
        snprintf(connection->api, sizeof connection->api, "$JS.%s.API", options->js_domain);
    else
        snprintf(connection->api, sizeof connection->api, "$JS.API");
}

int connection_open(struct connection **opened, const struct connection_options *given,
                    const char *name, const struct log *log, struct error *error)
{
    struct connection_options options = *given;
    _cleanup_(server_urls_clear) struct server_urls urls;
    _cleanup_(cleanup_connection) struct connection *connection = calloc(1, sizeof *connection);
    if (server_urls_parse(&urls, connection_options_resolve(&options), error) < 0)
        return -1;
    if (!connection)
        return error_set(error, EX_OSERR, "out of memory");
    denials_init(&connection->denials);
    ack_subject_init(&connection->acks);
    sem_init(&connection->closed, 0, 0);
    connection->log = log;
    connection->timeout = options.timeout;
    if (identity_open(&connection->credentials, &options, log, error) < 0)
        return -1;
    int result = connect_looped_or_not(connection, &options, &urls, name, error);
    if (result != 0)
        return result;
    set_api(connection, &options);
    *opened = take(connection);
    return 0;
}

/* So that the server's last errors are logged: nats.c 3.14 loses their texts later. */
static void wait_for_callbacks(struct connection *connection)
{
    struct timespec end;
    clock_gettime(CLOCK_MONOTONIC, &end);
    end.tv_sec += CLOSE_WAIT_MS / 1000;
    while (sem_clockwait(&connection->closed, CLOCK_MONOTONIC, &end) < 0 && errno == EINTR)
        ;
}

void connection_close(struct connection *connection)
{
    if (!connection)
        return;
    connection->closing = true;
    if (connection->nats) {
        natsConnection_FlushTimeout(connection->nats, FLUSH_WAIT_MS);
        natsConnection_Close(connection->nats); /* waits for callbacks of the event loop */
        event_loop_stop(connection->loop);
        wait_for_callbacks(connection);
        natsConnection_Destroy(connection->nats);
    }
    nats_CloseAndWait(CLOSE_WAIT_MS);
    event_loop_close(connection->loop);
    credentials_close(connection->credentials);
    denials_release(&connection->denials);
    ack_subject_release(&connection->acks);
    sem_destroy(&connection->closed);
    free(connection);
}

natsConnection *connection_nats(const struct connection *connection)
{
    return connection->nats;
}

const char *connection_api(const struct connection *connection)
{
    return connection->api;
}

struct event_loop *connection_loop(const struct connection *connection)
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

const char *connection_url(const struct connection *connection, char url[SERVER_URL_SHOWN_MAX])
{
    char full[512] = "";
    natsConnection_GetConnectedUrl(connection->nats, full, sizeof full);
    return *full ? server_url_show(full, url) : strcpy(url, "a server");
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
    return atomic_load(&connection->denials.count);
}

bool connection_denies(struct connection *connection, const char *subject)
{
    return denials_have(&connection->denials, subject);
}

void connection_mute_denials(struct connection *connection, bool mutes_denials)
{
    atomic_store(&connection->mutes_denials, mutes_denials);
}

struct ack_subject *connection_acks(struct connection *connection)
{
    return &connection->acks;
}
