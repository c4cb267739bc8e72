/* attempt: one delivery of a job on its way through a handler, and the lease that we have on it.
 *
 * The server hands the job to somebody else once the lease (ack-wait, or this attempt's backoff) is
 * over without a sign of life. After that, nothing but an ack may be said for it. */
#ifndef NATSQ_ATTEMPT_H
#define NATSQ_ATTEMPT_H

#include "letter/letter.h"
#include "nats/connection.h"
#include "queue/durable.h"
#include "queue/job.h"

struct attempt {
    struct connection *connection;
    const char *stream;
    const struct job *job;        /* what was delivered: a job, or a letter */
    const struct job *body;       /* where its body is: `job`, or the original of a letter */
    const struct letter *letter;  /* what died, when a letter is handled; else NULL */
    int64_t number, max;          /* this attempt's and the last one's; `max` 0: no limit */
    int64_t started_at, lease;    /* monotonic ns; how long a sign of life lasts */
    int64_t renewed_at, renew_at; /* when the last one was given, and the next is to be */
};

/* Begins an attempt at a delivery that has just come. */
void attempt_begin(struct attempt *attempt, struct connection *connection, const char *stream,
                   const struct job *job, const struct durable_state *durable);

/* Gives a sign of life, unless the lease is over; to be called at `due`. */
void attempt_renew_lease(struct attempt *attempt);

bool attempt_lease_expired(const struct attempt *attempt);

/* No further attempt follows a failure of this one. */
bool attempt_is_last(const struct attempt *attempt);

#endif
