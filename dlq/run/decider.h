/* decider: letter → fate (design: step 3). Without a COMMAND in batches; with one, a decider for
 * each slot takes a letter at a time and asks the handler. */
#ifndef NATSQ_DECIDER_H
#define NATSQ_DECIDER_H

#include "base/cleanup.h"

struct dlq;
struct error;
struct decider;

int decider_open(struct decider **opened, struct dlq *dlq, struct error *error);
void decider_close(struct decider *decider);

/* The name of its durable, when it was opened. */
const char *decider_durable(const struct decider *decider);

/* Runs until decider_stop (from any thread). */
void decider_run(struct decider *decider);
void decider_stop(struct decider *decider);

CLEANUP_DEFINE(struct decider *, cleanup_decider, decider_close)

#endif
