/* advisory_check: whether an advisory's job is dead, from what the origin and the consumer are now.
 * Pure.
 *
 * An advisory is a hint. It may arrive twice or late, or be about a stream or consumer that was
 * recreated since; only what is read from the server decides. */
#ifndef NATSQ_ADVISORY_CHECK_H
#define NATSQ_ADVISORY_CHECK_H

#include "letter/advisory.h"
#include "letter/liveness.h"
#include "queue/stored_messages.h"

enum advisory_status {
    ADVISORY_UNDECIDED,          /* a request was not answered: try again later */
    ADVISORY_JOB_DEAD,           /* collect it */
    ADVISORY_JOB_GONE,           /* the origin no longer holds it */
    ADVISORY_OTHER_JOB,          /* its sequence belongs to a job stored after the advisory */
    ADVISORY_CONSUMER_RECREATED, /* the consumer was recreated since the advisory: the job gets
                                    fresh attempts */
    ADVISORY_CONSUMER_RESET, /* the consumer was reset and has not reached the job yet: the same */
    ADVISORY_CONSUMER_GONE,  /* the job waits for the next consumer */
};

enum advisory_status advisory_check(const struct advisory *advisory,
                                    const struct consumer_sight *consumer,
                                    const struct stored_message *job);

/* "is gone from the origin", …: why the advisory is settled without a letter. Total. */
const char *advisory_status_text(enum advisory_status status);

#endif
