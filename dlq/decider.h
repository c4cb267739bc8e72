/* decider: letter → fate, in batches (design: step 3). */
#ifndef NATSQ_DECIDER_H
#define NATSQ_DECIDER_H

#include "verb.h"

struct decider;

int decider_open(struct decider **opened, struct dlq *dlq, struct error *error);
void decider_close(struct decider *decider);

/* Runs until decider_stop (from any thread). */
void decider_run(struct decider *decider);
void decider_stop(struct decider *decider);

CLEANUP_DEFINE(struct decider *, cleanup_decider, decider_close)

#endif
