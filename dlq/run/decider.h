/* decider: settles waiting letters (Decide in docs/architecture.md). Without a COMMAND it puts the
 * jobs back, in batches; with one, there is a decider per slot, and each runs the handler for a
 * letter at a time. */
#ifndef NATSQ_DECIDER_H
#define NATSQ_DECIDER_H

#include "base/cleanup.h"

struct batch_puller;
struct dlq;
struct error;
struct decider;

int decider_open(struct decider **opened, struct dlq *dlq, struct error *error);
void decider_close(struct decider *decider);

/* A thread (thread_start) that runs the struct decider until its puller is stopped. */
void *decider_run(void *decider);

struct batch_puller *decider_puller(const struct decider *decider);

CLEANUP_DEFINE(struct decider *, cleanup_decider, decider_close)

#endif
