/* direct_requeue: puts dead jobs back from the advisory itself, as in the walk-through, where the
 * DLQ stream takes no letters. The job's body comes from the origin; nothing can be held. */
#ifndef NATSQ_DIRECT_REQUEUE_H
#define NATSQ_DIRECT_REQUEUE_H

#include "letters/letter_batch.h"

struct direct_requeue;

int direct_requeue_open(struct direct_requeue **opened, struct dlq *dlq, struct error *error);
void direct_requeue_close(struct direct_requeue *requeue);

/* In place of letter_batch_make. `first`: for each whether it is the first time that it comes: one
 * that used up its retries is said once. */
int direct_requeue_put_back(struct direct_requeue *requeue, struct letter_batch *letter_batch,
                            const bool *first, struct error *error);

CLEANUP_DEFINE(struct direct_requeue *, cleanup_direct_requeue, direct_requeue_close)

#endif
