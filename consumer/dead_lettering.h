/* dead_lettering: a dead job's letter, confirmed, and then its TERM, confirmed (design: step 1).
 * Each slot has its own. */
#ifndef NATSQ_DEAD_LETTERING_H
#define NATSQ_DEAD_LETTERING_H

#include "handler/attempt.h"
#include "handler/verdict.h"

#include <pthread.h>

struct dead_lettering;

/* What the slots of a worker have said of letters that the DLQ does not take: shared, so that a
 * full one is said once and then now and then. All 0 but the lock at first. */
struct dead_lettering_warnings {
    pthread_mutex_t lock;
    int kind; /* enum puback_kind */
    int64_t at;
};

int dead_lettering_open(struct dead_lettering **opened, struct connection *connection,
                        const char *origin, const char *consumer,
                        struct dead_lettering_warnings *said, struct error *error);
void dead_lettering_close(struct dead_lettering *dead_lettering);

/* True once the letter is safe. False: the DLQ does not take it, which is said once for each
 * reason; the job is then left alone, for the server's advisory or its next delivery. */
bool dead_letter_job(struct dead_lettering *dead_lettering, struct attempt *attempt,
                     const struct verdict *verdict);

CLEANUP_DEFINE(struct dead_lettering *, cleanup_dead_lettering, dead_lettering_close)

#endif
