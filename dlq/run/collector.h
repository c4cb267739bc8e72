/* collector: advisory → letter, at once and in batches (design: step 2). Where the DLQ stream takes
 * no letters, advisory → put back, straight. */
#ifndef NATSQ_COLLECTOR_H
#define NATSQ_COLLECTOR_H

#include "base/cleanup.h"

struct dlq;
struct error;
struct collector;

int collector_open(struct collector **opened, struct dlq *dlq, struct error *error);
void collector_close(struct collector *collector);

/* The name of its durable, when it was opened. */
const char *collector_durable(const struct collector *collector);

/* Runs until collector_stop (from any thread). */
void collector_run(struct collector *collector);
void collector_stop(struct collector *collector);

CLEANUP_DEFINE(struct collector *, cleanup_collector, collector_close)

#endif
