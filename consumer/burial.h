/* burial: a dead job's letter, confirmed, and then its TERM, confirmed (design: step 1). Each slot
 * has its own. */
#ifndef NATSQ_BURIAL_H
#define NATSQ_BURIAL_H

#include "attempt.h"
#include "verdict.h"

#include <stdatomic.h>

struct burial;

/* `said` is what those of a worker share: the enum puback_kind that was told last. */
int burial_open(struct burial **opened, struct connection *connection, const char *origin,
                const char *consumer, atomic_int *said, struct error *error);
void burial_close(struct burial *burial);

/* True once the letter is safe. False: the DLQ does not take it, which is said once for each
 * reason; the job is then left alone, for the server's advisory or its next delivery. */
bool bury(struct burial *burial, struct attempt *attempt, const struct verdict *verdict);

CLEANUP_DEFINE(struct burial *, cleanup_burial, burial_close)

#endif
