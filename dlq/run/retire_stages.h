/* retire_stages: what `run` does about the original jobs of a batch of letters, a stage at a time
 * for the whole batch: looks whether they are alive, their removal before and after the letters'
 * fates. */
#ifndef NATSQ_RETIRE_STAGES_H
#define NATSQ_RETIRE_STAGES_H

#include "run/decision.h"

struct dlq;
struct requester;

enum stage { STAGE_CHECK, STAGE_RETIRE_BEFORE, STAGE_RETIRE_AFTER, STAGE_RECHECK };

/* Each decision that the stage is about takes in what its original is. -1: a request failed, and
 * those that it was about wait. */
int retire_stages_run(const struct dlq *dlq, struct requester *requester, enum stage stage,
                      struct decision *items, size_t n, struct error *error);

#endif
