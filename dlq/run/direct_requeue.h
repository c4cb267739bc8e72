/* direct_requeue: puts dead jobs back directly from their advisories, where the DLQ stream takes
 * no letters. The bodies come from the origin; nothing can be held. */
#ifndef NATSQ_DIRECT_REQUEUE_H
#define NATSQ_DIRECT_REQUEUE_H

#include <stdbool.h>

struct dead_job_batch;
struct dlq;
struct error;
struct requeuer;

/* In place of dead_job_batch_move: puts the dead jobs of the batch back, then retires them.
 * `is_new`: for each, that this is not a redelivery; a job that used up its retries is logged then.
 */
int direct_requeue(const struct dlq *dlq, struct requeuer *requeuer, struct dead_job_batch *batch,
                   const bool *is_new, struct error *error);

#endif
