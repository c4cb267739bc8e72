/* attempt: one delivery of a job, or of a dead letter, while a handler works on it, and its lease.
 *
 * The lease lasts for the ack-wait, or this attempt's backoff, and is renewed by telling the server
 * that the job is still in progress. Once it has expired the server may have delivered the job to
 * another worker, so from then on only an ack may be sent for it. */
#ifndef NATSQ_ATTEMPT_H
#define NATSQ_ATTEMPT_H

#include "letter/letter.h"
#include "nats/connection.h"
#include "queue/durable_state.h"
#include "queue/job.h"

struct attempt {
    struct connection *connection;
    const struct job *job;       /* what was delivered: a job, or a letter */
    const struct job *body;      /* holds the body: `job`, or the original of a letter */
    const struct letter *letter; /* NULL: a job was delivered */
    /* Describes the job, even if its letter was delivered. */
    const char *stream, *consumer, *subject; /* `consumer`: of the origin */
    uint64_t seq;                            /* in the stream */
    int64_t stored_at;                       /* ns since 1970 */
    /* Describes the delivery. */
    int64_t number, max;          /* of this attempt and of the last one; `max` 0: no limit */
    int64_t started_at, lease;    /* monotonic ns; how long the lease lasts */
    int64_t renewed_at, renew_at; /* monotonic ns: the last renewal and the next one */
};

/* Begins an attempt at a job that `consumer` of `stream` has just delivered. */
void attempt_begin(struct attempt *attempt, struct connection *connection, const char *stream,
                   const char *consumer, const struct job *job,
                   const struct durable_state *durable);

/* The same for a delivered letter, whose job has its body in `body`. */
void attempt_begin_letter(struct attempt *attempt, struct connection *connection,
                          const struct job *message, const struct letter *letter,
                          const struct job *body, const struct durable_state *durable);

/* Renews the lease unless it has expired; to be called at `renew_at`. */
void attempt_renew_lease(struct attempt *attempt);

bool attempt_lease_expired(const struct attempt *attempt);

/* Whether no attempt follows if this one fails. */
bool attempt_is_last(const struct attempt *attempt);

#endif
