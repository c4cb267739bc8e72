/* durable_watch: the current state of the worker's durable. When another worker updates the durable
 * (--max-deliver, say), limits and leases follow. When it is deleted, it is recreated with its last
 * known configuration. Any thread. */
#ifndef NATSQ_DURABLE_WATCH_H
#define NATSQ_DURABLE_WATCH_H

#include "queue/durable.h"

struct durable_watch;

/* Creates or adopts the durable as durable_ensure does. `spec` is kept. With `wait`, waits for the
 * end of an election or for a missing stream; 1 when a stop was requested meanwhile. */
int durable_watch_open(struct durable_watch **opened, struct requester *requester,
                       const struct durable_spec *spec, bool wait, const struct log *log,
                       struct error *error);
void durable_watch_close(struct durable_watch *watch);

/* Reads the state from the server; keeps the old one if there is no answer. -1 (78): a setting that
 * is refused. */
int durable_watch_refresh(struct durable_watch *watch, struct requester *requester,
                          struct error *error);

/* Copies the state. */
void durable_watch_state(struct durable_watch *watch, struct durable_state *state);

/* Returns as durable_restore does. */
int durable_watch_restore(struct durable_watch *watch, struct requester *requester);

CLEANUP_DEFINE(struct durable_watch *, cleanup_durable_watch, durable_watch_close)

#endif
