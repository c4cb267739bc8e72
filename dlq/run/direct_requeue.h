/* straight: puts dead jobs back from the advisory itself, as in the walk-through, where the DLQ
 * stream takes no letters. The job's body comes from the origin; nothing can be held. */
#ifndef NATSQ_STRAIGHT_H
#define NATSQ_STRAIGHT_H

#include "letters/letter_batch.h"

struct straight;

int straight_open(struct straight **opened, struct dlq *dlq, struct error *error);
void straight_close(struct straight *straight);

/* In place of lettering_make. `first`: for each whether it is the first time that it comes: one
 * that used up its retries is said once. */
int straight_put_back(struct straight *straight, struct lettering *lettering, const bool *first,
                      struct error *error);

CLEANUP_DEFINE(struct straight *, cleanup_straight, straight_close)

#endif
