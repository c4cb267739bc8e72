/* connection_setup: connection options for nats.c, and error messages for a failed connect. */
#ifndef NATSQ_CONNECTION_SETUP_H
#define NATSQ_CONNECTION_SETUP_H

#include "nats/connection_options.h"
#include "nats/server_url.h"

#include <nats/nats.h>

enum { CONNECTION_RECONNECT_WAIT_MS = 250 }; /* nats.c's default: 2 s */

/* Sets servers, name, limits and TLS; authentication and callbacks are left to the caller. -1 (78):
 * a file cannot be used. */
int connection_setup(natsOptions *nats, const struct connection_options *options,
                     const struct server_urls *urls, const char *name, struct error *error);

/* Fills in the error for a connect that failed with `status`; returns -1. */
int connection_setup_failed(natsStatus status, const struct connection_options *options,
                            const struct server_urls *urls, struct error *error);

/* "nats://a:4222, nats://b:4222", without users and passwords; possibly cut off. */
enum { CONNECTION_SERVERS_SHOWN_MAX = 512 };
const char *connection_servers_shown(const struct server_urls *urls,
                                     char shown[CONNECTION_SERVERS_SHOWN_MAX]);

#endif
