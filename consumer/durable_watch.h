/* durable_watch: the worker's durable as it is now. Another worker may update it (a logged update
 * of --max-deliver, say) and somebody may delete it: limits and lease follow the first, and after
 * the second it is made anew as it last was, with all that it had. Any thread may read. */
#ifndef NATSQ_DURABLE_WATCH_H
#define NATSQ_DURABLE_WATCH_H

#include "queue/durable.h"

struct durable_watch;

/* Creates or adopts the durable as durable_ensure does. `spec` is kept. With `wait`, an election or
 * a missing stream is waited for; 1 when a stop was requested meanwhile. */
int durable_watch_open(struct durable_watch **opened, struct requester *requester,
                       const struct durable_spec *spec, bool wait, const struct log *log,
                       struct error *error);
void durable_watch_close(struct durable_watch *watch);

/* Looks at it again; what does not answer is left as it was. -1 (78): a setting that is refused. */
int durable_watch_refresh(struct durable_watch *watch, struct requester *requester,
                          struct error *error);

void durable_watch_state(struct durable_watch *watch, struct durable_state *state);

/* As durable_restore. */
int durable_watch_restore(struct durable_watch *watch, struct requester *requester);

CLEANUP_DEFINE(struct durable_watch *, cleanup_durable_watch, durable_watch_close)

#endif
