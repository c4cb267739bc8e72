/* worker: takes jobs, has them handled and settles them, until a stop or the end of the work. */
#ifndef NATSQ_WORKER_H
#define NATSQ_WORKER_H

#include "consumer_options.h"

struct worker;

/* Looks up the stream, makes or takes the durable. 1: a stop was requested while it waited. */
int worker_open(struct worker **opened, const struct consumer_options *options,
                struct connection *connection, struct error *error);
void worker_close(struct worker *worker);

/* Runs to the end. What fails while it runs is waited out; -1 is for what cannot be. */
int worker_run(struct worker *worker, struct error *error);

CLEANUP_DEFINE(struct worker *, cleanup_worker, worker_close)

#endif
