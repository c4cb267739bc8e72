/* burial: a dead job's letter, confirmed, and then its TERM, confirmed (design: step 1). Each slot
 * has its own. */
#ifndef NATSQ_BURIAL_H
#define NATSQ_BURIAL_H

#include "handler/attempt.h"
#include "handler/verdict.h"

#include <pthread.h>

struct burial;

/* What the slots of a worker have said of letters that the DLQ does not take: shared, so that a
 * full one is said once and then now and then. All 0 but the lock at first. */
struct burial_said {
    pthread_mutex_t lock;
    int kind; /* enum puback_kind */
    int64_t at;
};

int burial_open(struct burial **opened, struct connection *connection, const char *origin,
                const char *consumer, struct burial_said *said, struct error *error);
void burial_close(struct burial *burial);

/* True once the letter is safe. False: the DLQ does not take it, which is said once for each
 * reason; the job is then left alone, for the server's advisory or its next delivery. */
bool bury(struct burial *burial, struct attempt *attempt, const struct verdict *verdict);

CLEANUP_DEFINE(struct burial *, cleanup_burial, burial_close)

#endif
