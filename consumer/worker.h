/* worker: processes jobs in its slots until a stop, or until there is no more work. */
#ifndef NATSQ_WORKER_H
#define NATSQ_WORKER_H

#include "base/cleanup.h"
#include "consumer_options.h"
#include "nats/connection.h"

struct worker;

/* Looks up the stream, and creates or adopts the durable. 1: a stop was requested meanwhile. */
int worker_open(struct worker **opened, const struct consumer_options *options,
                struct connection *connection, struct error *error);
void worker_close(struct worker *worker);

/* Runs to the end. Waits until failures of the server are over; -1: any other failure. */
int worker_run(struct worker *worker, struct error *error);

CLEANUP_DEFINE(struct worker *, cleanup_worker, worker_close)

#endif
