/* retire_stages: the decider's stages that look at or remove the originals of a batch of letters
 * (decision.h says in which order). */
#ifndef NATSQ_RETIRE_STAGES_H
#define NATSQ_RETIRE_STAGES_H

#include "run/decision.h"

struct dlq;
struct requester;

enum retire_stage { STAGE_CHECK, STAGE_RETIRE_BEFORE, STAGE_RETIRE_AFTER, STAGE_RECHECK };

/* Runs a stage for the decisions that need it, and records in them what it found out. -1: a request
 * failed; the decisions that it was about are deferred. */
int retire_stages_run(const struct dlq *dlq, struct requester *requester, enum retire_stage stage,
                      struct decision *decisions, size_t n, struct error *error);

#endif
