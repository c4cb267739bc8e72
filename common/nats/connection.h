/* connection: the one connection of a program, and what is said about its ups and downs.
 *
 * It is made anew for ever when it breaks (nats.c would stop after 60 times). Any thread may use
 * the handles that it lends. */
#ifndef NATSQ_CONNECTION_H
#define NATSQ_CONNECTION_H

#include "base/cleanup.h"
#include "base/log.h"
#include "nats/ack_subject.h"
#include "nats/connection_options.h"
#include "nats/event_loop.h"

struct connection;

/* Connects as the options say, under `name` unless --connection-name says otherwise. When no
 * server is there: -1 (69), or with --wait tries until there is one. 1 when a stop was requested
 * meanwhile. Refused: -1 (77). A local file that will not do: -1 (78). `log` is kept. */
int connection_open(struct connection **opened, const struct connection_options *options,
                    const char *name, const struct log *log, struct error *error);

/* Sends what is buffered, closes and ends nats.c's threads; each with a limit. Takes NULL. */
void connection_close(struct connection *connection);

natsConnection *connection_nats(const struct connection *connection);
const char *connection_api(const struct connection *connection);         /* "$JS.API" */
struct event_loop *connection_loop(const struct connection *connection); /* NULL: none */
int64_t connection_timeout(const struct connection *connection);         /* ns */
const struct log *connection_log(const struct connection *connection);

/* Whether it stands now, as far as we know. */
bool connection_is_up(const struct connection *connection);

/* Counts the reconnects: when it changed, what the server knew of us is gone. */
unsigned connection_generation(const struct connection *connection);

/* Whether the server has refused, since the last connect, what we publish to this subject or the
 * subscription to it. It says so asynchronously: the publish or request goes unanswered. */
bool connection_denies(struct connection *connection, const char *subject);

/* Counts what was denied, so that nobody need ask for each subject all the time. */
unsigned connection_denials(const struct connection *connection);

/* While hushed, what the server refuses is no warning: for a question that may go unanswered. */
void connection_mute_denials(struct connection *connection, bool hushed);

/* The subjects of acknowledgements on it. */
struct ack_subject *connection_acks(struct connection *connection);

CLEANUP_DEFINE(struct connection *, cleanup_connection, connection_close)

#endif
