#include "nats/connection_options.h"

#include "base/cleanup.h"
#include "base/duration.h"
#include "base/shell_word.h"
#include "base/subject.h"
#include "nats/server_url.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char synadia_cloud[] = "tls://connect.ngs.global";

#define AT(field) .offset = offsetof(struct connection_options, field)
#define GIVEN(field) .given_offset = offsetof(struct connection_options, field)

const struct option_row connection_rows[] = {
    {"server", "URL", "server to connect to, or several separated by commas",
     "nats://127.0.0.1:4222", "NATS_URL", AT(server), GIVEN(server_given), .kind = OPTION_TEXT,
     .short_name = 's'},
    {"creds", "FILE", "credentials file (user JWT and seed)", "user.creds", "NATS_CREDS", AT(creds),
     GIVEN(creds_given), .kind = OPTION_TEXT},
    {"nkey", "FILE", "file with an NKey seed", "user.nk", "NATS_NKEY", AT(nkey), GIVEN(nkey_given),
     .kind = OPTION_TEXT},
    {"user", "NAME", "user name", "worker", "NATS_USER", AT(user), GIVEN(user_given),
     .kind = OPTION_TEXT},
    {"password", "TEXT", "password; the variable keeps it out of the shell history", NULL,
     "NATS_PASSWORD", AT(password), .kind = OPTION_SECRET},
    {"token", "TEXT", "token; the variable keeps it out of the shell history", NULL, "NATS_TOKEN",
     AT(token), GIVEN(token_given), .kind = OPTION_SECRET},
    {"tlscert", "FILE", "client certificate", "client.pem", "NATS_CERT", AT(tlscert),
     .kind = OPTION_TEXT},
    {"tlskey", "FILE", "key of the client certificate", "client.key", "NATS_KEY", AT(tlskey),
     .kind = OPTION_TEXT},
    {"tlsca", "FILE", "CA certificates to trust", "ca.pem", "NATS_CA", AT(tlsca),
     .kind = OPTION_TEXT},
    {"tlsfirst", NULL, "TLS handshake before the server speaks", AT(tlsfirst), .kind = OPTION_FLAG},
    {"timeout", "D", "time limit for connecting and for each request", "2s", "NATS_TIMEOUT", "5s",
     AT(timeout), .min = 1, .kind = OPTION_DURATION},
    {"js-domain", "NAME", "JetStream domain", "hub", AT(js_domain), .kind = OPTION_TEXT},
    {"js-api-prefix", "SUBJECT", "subject prefix of the JetStream API", "JS.hub.API",
     AT(js_api_prefix), .kind = OPTION_TEXT},
    {"connection-name", "NAME", "name under which the server lists this connection", "worker-7",
     AT(name), .kind = OPTION_TEXT},
    {"wait", NULL, "wait for a server, streams and consumers that are not available yet", AT(wait),
     .kind = OPTION_FLAG},
    {0},
};

/* The sizes of buffers in connection.c. */
enum { API_LONGEST = 127, DOMAIN_LONGEST = API_LONGEST - 8 /* $JS. .API */ };

#define TIMEOUT_MOST DURATION_HOUR /* nats.c 3.14 takes several days for 0 */

static int check_subject(const char *option, const char *text, const char *fault, size_t longest,
                         struct error *error)
{
    if (fault)
        return error_set(error, EX_USAGE, "%s '%s' %s", option, text, fault);
    if (strlen(text) > longest)
        return error_set(error, EX_USAGE, "%s is longer than %zu bytes", option, longest);
    return 0;
}

static int check_server(const struct connection_options *options, struct error *error)
{
    struct server_urls urls;
    struct error fault = {0};
    if (!options->server)
        return 0;
    if (server_urls_parse(&urls, options->server, &fault) < 0)
        return error_set(error, fault.exit_code, "%s: %s",
                         options->server_given ? "--server" : "NATS_URL", fault.text);
    server_urls_clear(&urls);
    return 0;
}

int connection_options_check(const struct connection_options *options, struct error *error)
{
    const char *prefix = options->js_api_prefix, *domain = options->js_domain;
    if (prefix &&
        check_subject("--js-api-prefix", prefix, subject_fault(prefix), API_LONGEST, error) < 0)
        return -1;
    if (domain &&
        check_subject("--js-domain", domain, subject_name_fault(domain), DOMAIN_LONGEST, error) < 0)
        return -1;
    if (options->timeout < DURATION_MS)
        return error_set(error, EX_USAGE, "--timeout must be at least 1ms");
    if (options->timeout > TIMEOUT_MOST)
        return error_set(error, EX_USAGE, "--timeout must be at most 1h");
    if (!options->tlscert != !options->tlskey)
        return error_set(error, EX_USAGE, "--tlscert and --tlskey go together");
    return check_server(options, error);
}

static void wipe(const char **secret)
{
    char *text = (char *)(uintptr_t)*secret; /* options_parse allocated it */
    *secret = NULL;
    cleanup_secret(&text);
}

void connection_options_close(struct connection_options *options)
{
    wipe(&options->password);
    wipe(&options->token);
}

/* Authentication on the command line takes precedence over all variables. */
static void forget_variables(struct connection_options *options)
{
    if (!options->creds_given && !options->nkey_given && !options->user_given &&
        !options->token_given)
        return;
    options->creds = options->creds_given ? options->creds : NULL;
    options->nkey = options->nkey_given ? options->nkey : NULL;
    options->user = options->user_given ? options->user : NULL;
    options->token = options->token_given ? options->token : NULL;
}

/* NATS_CREDENTIALS_FILE_PATH names a creds file, and implies Synadia Cloud if no server is given.
 */
const char *connection_options_resolve(struct connection_options *options)
{
    forget_variables(options);
    const char *creds = getenv("NATS_CREDENTIALS_FILE_PATH");
    if (!creds || !*creds || options->creds || options->nkey_given || options->user_given ||
        options->token_given)
        return options->server ? options->server : CONNECTION_DEFAULT_SERVER;
    options->creds = creds;
    return options->server ? options->server : synadia_cloud;
}

/* URLs are shown without the password that they may hold. */
static const char *show_server(const char *list, char *shown, size_t size)
{
    char url[SERVER_URL_SHOWN_MAX], one[SERVER_URL_SHOWN_MAX];
    size_t used = 0;
    shown[0] = '\0';
    for (const char *at = list; at && used < size;) {
        size_t length = strcspn(at, ",");
        snprintf(one, sizeof one, "%.*s", (int)length, at);
        used += (size_t)snprintf(shown + used, size - used, "%s%s", used ? "," : "",
                                 strchr(one, '@') ? server_url_show(one, url) : one);
        at = at[length] ? at + length + 1 : NULL;
    }
    return shown;
}

/* Whether the environment does not say it already. */
static bool is_told(const char *variable, const char *value)
{
    const char *known = variable ? getenv(variable) : NULL;
    return value && !(known && strcmp(known, value) == 0);
}

const char *connection_options_text(const struct connection_options *options, char *text,
                                    size_t size)
{
    char server[1024], word[SHELL_WORD_SIZE(1024)];
    const struct {
        const char *name, *variable, *value;
    } told[] = {
        {"server", "NATS_URL", options->server},
        {"creds", "NATS_CREDS", options->creds},
        {"nkey", "NATS_NKEY", options->nkey},
        {"user", "NATS_USER", options->user},
        {"tlscert", "NATS_CERT", options->tlscert},
        {"tlskey", "NATS_KEY", options->tlskey},
        {"tlsca", "NATS_CA", options->tlsca},
        {"js-domain", NULL, options->js_domain},
        {"js-api-prefix", NULL, options->js_api_prefix},
    };
    size_t used = 0;
    text[0] = '\0';
    for (size_t i = 0; i < sizeof told / sizeof told[0] && used < size; i++) {
        const char *value = told[i].value;
        if (!is_told(told[i].variable, value))
            continue;
        if (value == options->server)
            value = show_server(value, server, sizeof server);
        used += (size_t)snprintf(text + used, size - used, " --%s %s", told[i].name,
                                 shell_word(value, word, sizeof word));
    }
    if (options->tlsfirst && used < size)
        snprintf(text + used, size - used, " --tlsfirst");
    return text;
}

bool connection_options_want_tls(const struct connection_options *options)
{
    return options->tlsca || options->tlscert || options->tlskey || options->tlsfirst;
}
