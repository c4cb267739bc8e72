/* advisory_check: advisory × what origin and consumer are now → whether the job is dead. Pure.
 *
 * An advisory is a hint: it may come twice, late, or about a stream or consumer that was made anew
 * since. What is read from them decides. */
#ifndef NATSQ_ADVISORY_CHECK_H
#define NATSQ_ADVISORY_CHECK_H

#include "letter/advisory.h"
#include "letter/liveness.h"
#include "queue/stored_messages.h"

enum advisory_status {
    ADVISORY_UNDECIDED,          /* something did not answer: ask again later */
    ADVISORY_JOB_DEAD,           /* collect it */
    ADVISORY_JOB_GONE,           /* the origin does not hold it any more */
    ADVISORY_OTHER_JOB,          /* another job has its sequence: stored after the advisory */
    ADVISORY_CONSUMER_RECREATED, /* its consumer was recreated since: the job gets its attempts
                                    again */
    ADVISORY_CONSUMER_RESET,     /* its consumer was reset and has not come to it yet: the same */
    ADVISORY_CONSUMER_GONE,      /* its consumer is gone: the job waits for the next one */
};

enum advisory_status advisory_check(const struct advisory *advisory,
                                    const struct consumer_sight *consumer,
                                    const struct stored_message *job);

/* "is gone from the origin", …: why the advisory is settled without a letter. Total. */
const char *advisory_status_text(enum advisory_status status);

#endif
