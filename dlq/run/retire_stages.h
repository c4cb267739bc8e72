/* retire_stages: what `run` does about the original jobs of a batch of letters, a stage at a time
 * for the whole batch: looks whether they are alive, their removal before and after the letters'
 * fates. */
#ifndef NATSQ_RETIRE_STAGES_H
#define NATSQ_RETIRE_STAGES_H

#include "letters/batch_size.h"
#include "run/decision.h"

struct dlq;

enum stage { STAGE_CHECK, STAGE_RETIRE_BEFORE, STAGE_RETIRE_AFTER, STAGE_RECHECK };

/* Filled in by its owner but for the last, which is room. */
struct retire_stages {
    const struct dlq *dlq;
    struct requester *requester;
    struct retirement retirements[BATCH_MAX];
};

/* Each decision that the stage is about takes in what its original is. -1: a request failed, and
 * those that it was about wait. */
int retire_stages_run(struct retire_stages *stages, enum stage stage, struct decision *items,
                      size_t n, struct error *error);

#endif
