#include "nats/connection_setup.h"

#include "base/duration.h"
#include "base/text.h"
#include "nats/nats_error.h"

#include <string.h>

/* The defaults of nats.c (3.14) suit a client that may give up. */
enum {
    PING_INTERVAL_MS = 20000,  /* default 2 min: a dead peer would go unnoticed for 6 min */
    WRITE_DEADLINE_MS = 10000, /* default none: a stuck peer would block every publisher; with an
                                  event loop, only the ping notices it */
    IO_BUFFER = 128 * 1024,    /* default 32 KiB: fewer and larger writes while publishing */
};

const char *connection_servers_shown(const struct server_urls *urls,
                                     char shown[CONNECTION_SERVERS_SHOWN_MAX])
{
    char one[SERVER_URL_SHOWN_MAX];
    size_t used = 0;
    shown[0] = '\0';
    for (int i = 0; i < urls->n && used < CONNECTION_SERVERS_SHOWN_MAX; i++)
        used += (size_t)snprintf(shown + used, CONNECTION_SERVERS_SHOWN_MAX - used, "%s%s",
                                 i ? ", " : "", server_url_show(urls->url[i], one));
    return shown;
}

static natsStatus set_limits(natsOptions *nats, const struct connection_options *options)
{
    natsStatus s = natsOptions_SetTimeout(nats, options->timeout / DURATION_MS);
    if (s == NATS_OK)
        s = natsOptions_SetMaxReconnect(nats, -1);
    if (s == NATS_OK)
        s = natsOptions_SetReconnectWait(nats, CONNECTION_RECONNECT_WAIT_MS);
    if (s == NATS_OK)
        s = natsOptions_SetPingInterval(nats, PING_INTERVAL_MS);
    if (s == NATS_OK)
        s = natsOptions_SetWriteDeadline(nats, WRITE_DEADLINE_MS);
    if (s == NATS_OK) /* else an unknown protocol message closes the connection for good */
        s = natsOptions_SetReconnectOnProtocolError(nats, true);
    if (s == NATS_OK) /* else two equal refusals, as while credentials rotate, close it for good */
        s = natsOptions_SetIgnoreAuthErrorAbort(nats, true);
    if (s == NATS_OK)
        s = natsOptions_SetIOBufSize(nats, IO_BUFFER);
    if (s == NATS_OK) /* one thread for all inboxes: callbacks only hand messages over */
        s = natsOptions_UseGlobalMessageDelivery(nats, true);
    return s;
}

/* Without SetSecure, nats.c sends user and password in plaintext to a server without TLS, such as
 * one that it discovers, whose URL has no scheme. */
static int set_tls(natsOptions *nats, const struct connection_options *options, bool wanted,
                   struct error *error)
{
    natsStatus s;
    if (wanted && (s = natsOptions_SetSecure(nats, true)) != NATS_OK)
        return error_nats(error, s, "cannot use TLS");
    if (options->tlsca &&
        (s = natsOptions_LoadCATrustedCertificates(nats, options->tlsca)) != NATS_OK)
        return error_set(error, EX_CONFIG, "--tlsca: cannot load certificates from '%s'",
                         options->tlsca);
    if (options->tlscert &&
        (s = natsOptions_LoadCertificatesChain(nats, options->tlscert, options->tlskey)) != NATS_OK)
        return error_set(error, EX_CONFIG, "cannot load the client certificate '%s' with key '%s'",
                         options->tlscert, options->tlskey);
    if (options->tlsfirst && (s = natsOptions_TLSHandshakeFirst(nats)) != NATS_OK)
        return error_nats(error, s, "--tlsfirst");
    return 0;
}

int connection_setup(natsOptions *nats, const struct connection_options *options,
                     const struct server_urls *urls, const char *name, struct error *error)
{
    const char *servers[SERVER_URLS_MAX];
    for (int i = 0; i < urls->n; i++)
        servers[i] = urls->for_nats[i];
    /* nats.c 3.14 does not escape names, users and passwords in the JSON of CONNECT. */
    _cleanup_(cleanup_free) char *quoted = text_escape_json(options->name ? options->name : name);
    natsStatus s = quoted ? natsOptions_SetServers(nats, servers, urls->n) : NATS_NO_MEMORY;
    if (s == NATS_OK)
        s = natsOptions_SetName(nats, quoted);
    if (s == NATS_OK)
        s = set_limits(nats, options);
    if (s != NATS_OK)
        return error_nats(error, s, "cannot set up the connection");
    return set_tls(nats, options, urls->want_tls || connection_options_want_tls(options), error);
}

static int no_server(const struct server_urls *urls, const char *servers, struct error *error)
{
    bool is_default = urls->n == 1 && strcmp(urls->url[0], CONNECTION_DEFAULT_SERVER) == 0;
    return error_set(error, EX_UNAVAILABLE,
                     "no server at %s: %sname another with --server, or wait for it with --wait",
                     servers, is_default ? "start one (scripts/local-server start), " : "");
}

/* The last error of nats.c on this thread, without its place in the source: "(conn.c:829): ". */
static const char *words_of(natsStatus status)
{
    const char *words = nats_GetLastError(NULL);
    if (!words || !*words)
        return natsStatus_GetText(status);
    const char *behind = words[0] == '(' ? strstr(words, "): ") : NULL;
    return behind ? behind + 3 : words;
}

int connection_setup_failed(natsStatus status, const struct connection_options *options,
                            const struct server_urls *urls, struct error *error)
{
    char servers[CONNECTION_SERVERS_SHOWN_MAX], wait[DURATION_TEXT_MAX];
    connection_servers_shown(urls, servers);
    const char *words = words_of(status);
    switch (status) {
    case NATS_NO_SERVER:
        return no_server(urls, servers, error);
    case NATS_TIMEOUT:
        return error_set(error, EX_UNAVAILABLE,
                         "the server at %s did not answer within %s (if it expects TLS from the "
                         "first byte, add --tlsfirst)",
                         servers, duration_format(options->timeout, wait));
    case NATS_SECURE_CONNECTION_WANTED:
        return error_set(error, EX_UNAVAILABLE,
                         "the server at %s has no TLS, and a tls:// URL or a TLS option (--tlsca, "
                         "--tlscert, NATS_CA, ...) requires it",
                         servers);
    case NATS_SSL_ERROR:
        return error_set(
            error, EX_UNAVAILABLE,
            "no TLS connection to %s: %s (--tlsca gives the CA certificates to trust%s)", servers,
            words, options->tlsca ? "" : "; none is given");
    case NATS_CONNECTION_AUTH_FAILED:
        return error_set(error, EX_NOPERM,
                         "the server at %s refused us: check --creds, --nkey, --user and "
                         "--password, or --token",
                         servers);
    case NATS_NO_MEMORY:
        return error_nats(error, status, "cannot connect to %s", servers);
    default: /* not a NATS server, or one that does not accept us now */
        return error_set(error, EX_UNAVAILABLE, "cannot connect to %s: %s", servers, words);
    }
}
