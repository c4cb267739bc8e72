/* collector: turns the server's advisories into letters as soon as they arrive, in batches (Collect
 * in docs/architecture.md). Where the DLQ stream takes no letters, it puts the jobs back instead
 * (direct_requeue).
 *
 * It does not wait for the decider: a replicated server may delete a dead job at a leader change,
 * and the advisory does not hold the body. */
#ifndef NATSQ_COLLECTOR_H
#define NATSQ_COLLECTOR_H

#include "base/cleanup.h"

struct batch_puller;
struct dlq;
struct error;
struct collector;

int collector_open(struct collector **opened, struct dlq *dlq, struct error *error);
void collector_close(struct collector *collector);

/* A thread (thread_start) that runs the struct collector until its puller is stopped. */
void *collector_run(void *collector);

/* Instead of it, for a verb that ends: collects the advisories that are stored now. -1 (75): some
 * are left. */
int collector_collect_backlog(struct collector *collector, struct error *error);

struct batch_puller *collector_puller(const struct collector *collector);

CLEANUP_DEFINE(struct collector *, cleanup_collector, collector_close)

#endif
