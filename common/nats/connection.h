/* connection: the one connection of a program to NATS. Disconnects and reconnects are logged.
 *
 * A broken connection reconnects forever (nats.c alone would give up after 60 attempts). Any
 * thread may use the handles that it lends. */
#ifndef NATSQ_CONNECTION_H
#define NATSQ_CONNECTION_H

#include "base/cleanup.h"
#include "base/log.h"
#include "nats/ack_subject.h"
#include "nats/connection_options.h"
#include "nats/event_loop.h"
#include "nats/server_url.h"

struct connection;

/* Connects under `name`, unless --connection-name gives another one. Returns -1 when no server
 * answers (69; with --wait it tries until one does), the server refuses us (77) or a local file is
 * unusable (78); 1 when a stop was requested meanwhile. Keeps `log`. */
int connection_open(struct connection **opened, const struct connection_options *options,
                    const char *name, const struct log *log, struct error *error);

/* Flushes, closes and ends nats.c's threads, each within a time limit. Accepts NULL. */
void connection_close(struct connection *connection);

natsConnection *connection_nats(const struct connection *connection);
const char *connection_api(const struct connection *connection);         /* "$JS.API" */
struct event_loop *connection_loop(const struct connection *connection); /* NULL: none */
int64_t connection_timeout(const struct connection *connection);         /* ns */
const struct log *connection_log(const struct connection *connection);

/* The server's URL without user and password; returns `url`. While disconnected: "a server". */
const char *connection_url(const struct connection *connection, char url[SERVER_URL_SHOWN_MAX]);

/* Whether it is connected now, as far as nats.c knows. */
bool connection_is_up(const struct connection *connection);

/* Counts the reconnects. After one, the server has forgotten our pull requests. */
unsigned connection_generation(const struct connection *connection);

/* Whether the server has denied us, since the last connect, to publish or subscribe to this
 * subject. It reports that asynchronously; the publish or request itself gets no answer. */
bool connection_denies(struct connection *connection, const char *subject);

/* Counts the denials: while it is unchanged, connection_denies returns what it did. */
unsigned connection_denials(const struct connection *connection);

/* While muted, denials are not logged: for a request that may well be denied. */
void connection_mute_denials(struct connection *connection, bool muted);

/* The subjects of acknowledgements on this connection. */
struct ack_subject *connection_acks(struct connection *connection);

CLEANUP_DEFINE(struct connection *, cleanup_connection, connection_close)

#endif
