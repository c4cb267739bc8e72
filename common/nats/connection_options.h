/* connection_options: where the server is, who we are and how to reach it: the options and
 * variables that the three programs share, as natscli spells them. */
#ifndef NATSQ_CONNECTION_OPTIONS_H
#define NATSQ_CONNECTION_OPTIONS_H

#include "base/error.h"
#include "cli/options.h"

#define CONNECTION_DEFAULT_SERVER "nats://127.0.0.1:4222"

struct connection_options {
    const char *server, *creds, *nkey, *user, *password, *token;
    const char *tlscert, *tlskey, *tlsca;
    const char *js_domain, *js_api_prefix, *name;
    int64_t timeout; /* of connecting and of each request, ns */
    bool tlsfirst, wait;
    bool looped;       /* the program's choice: read by a loop, where there is no TLS */
    bool server_given; /* on the command line, as are those of the next line */
    bool creds_given, nkey_given, user_given, token_given;
};

/* Table of the shared options; its set's values are a struct connection_options. */
extern const struct option_row connection_rows[];

/* -1: a usage error. */
int connection_options_check(const struct connection_options *options, struct error *error);

/* Wipes and frees the secrets that options_parse copied. */
void connection_options_close(struct connection_options *options);

/* The servers' addresses, and in `options` the one identity that counts: the command line's, if it
 * has any, before all variables. Lives as long as the options and the environment. */
const char *connection_options_resolve(struct connection_options *options);

/* Whether an option asks for TLS: then it is TLS or no connection. */
bool connection_options_want_tls(const struct connection_options *options);

#endif
