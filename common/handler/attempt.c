#include "handler/attempt.h"

#include "base/clock.h"
#include "queue/ack.h"

/* A renewal may be lost or late, so several fall into one lease. */
enum { RENEWALS_PER_LEASE = 3 };

void attempt_begin(struct attempt *attempt, struct connection *connection, const char *stream,
                   const char *consumer, const struct job *job, const struct durable_state *durable)
{
    *attempt = (struct attempt){
        .connection = connection,
        .job = job,
        .body = job,
        .stream = stream,
        .consumer = consumer,
        .subject = job_subject(job),
        .seq = job->delivery.seq,
        .stored_at = job->delivery.stored_at,
        .number = (int64_t)job->delivery.deliveries,
        .max = durable->max_deliver > 0 ? durable->max_deliver : durable->attempts,
        .started_at = clock_now(),
        .lease = durable_backoff(durable, job->delivery.deliveries),
    };
    attempt->renewed_at = attempt->started_at;
    attempt->renew_at = attempt->started_at + attempt->lease / RENEWALS_PER_LEASE;
}

void attempt_begin_letter(struct attempt *attempt, struct connection *connection,
                          const struct job *message, const struct letter *letter,
                          const struct job *body, const struct durable_state *durable)
{
    attempt_begin(attempt, connection, letter->origin, letter->consumer, message, durable);
    attempt->body = body;
    attempt->letter = letter;
    attempt->subject = letter->subject;
    attempt->seq = letter->seq;
    attempt->stored_at = letter->stored_at;
}

bool attempt_lease_expired(const struct attempt *attempt)
{
    return clock_now() - attempt->renewed_at >= attempt->lease;
}

bool attempt_is_last(const struct attempt *attempt)
{
    return attempt->max > 0 && attempt->number >= attempt->max;
}

void attempt_renew_lease(struct attempt *attempt)
{
    int64_t now = clock_now();
    bool expired = attempt_lease_expired(attempt);
    attempt->renew_at = expired ? INT64_MAX : now + attempt->lease / RENEWALS_PER_LEASE;
    /* While disconnected it would be sent later, to a server that has redelivered the job. */
    if (!expired && connection_is_up(attempt->connection) &&
        ack_send(attempt->connection, attempt->job, "+WPI") == NATS_OK)
        attempt->renewed_at = now;
}
