/* connection_options: the server, authentication, TLS and JetStream options and environment
 * variables that the three programs share, named as in natscli. */
#ifndef NATSQ_CONNECTION_OPTIONS_H
#define NATSQ_CONNECTION_OPTIONS_H

#include "base/error.h"
#include "cli/option_row.h"

#define CONNECTION_DEFAULT_SERVER "nats://127.0.0.1:4222"

struct connection_options {
    const char *server, *creds, *nkey, *user, *password, *token;
    const char *tlscert, *tlskey, *tlsca;
    const char *js_domain, *js_api_prefix, *name;
    int64_t timeout; /* ns, for connecting and for each request */
    bool tlsfirst, wait;
    bool looped;       /* set by the program: use an event loop, unless TLS is used */
    bool server_given; /* on the command line, as the next four */
    bool creds_given, nkey_given, user_given, token_given;
};

/* The table of these options; their values are in a struct connection_options. */
extern const struct option_row connection_rows[];

/* -1: a usage error. */
int connection_options_check(const struct connection_options *options, struct error *error);

/* Wipes and frees the secrets that options_parse copied. */
void connection_options_close(struct connection_options *options);

/* Returns the server URLs, which live as long as the options and the environment. Leaves in
 * `options` one way to authenticate: any on the command line takes precedence over all variables.
 */
const char *connection_options_resolve(struct connection_options *options);

/* The options that lead another program to the same server as the same user, as a part of a shell
 * command (" --server nats://h:4222 --creds 'my user.creds'"); they have the same names in natscli.
 * Leaves out secrets, and what the environment says already. Returns `text`. */
const char *connection_options_text(const struct connection_options *options, char *text,
                                    size_t size);

/* Whether an option requires TLS. */
bool connection_options_want_tls(const struct connection_options *options);

#endif
