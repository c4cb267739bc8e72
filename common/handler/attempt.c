#include "handler/attempt.h"

#include "base/clock.h"
#include "queue/ack.h"

/* A sign of life may be lost or late, so there are several in a lease. */
enum { SIGNS_IN_A_LEASE = 3 };

void attempt_begin(struct attempt *attempt, struct connection *connection, const char *stream,
                   const struct job *job, const struct durable_state *durable)
{
    *attempt = (struct attempt){
        .connection = connection,
        .stream = stream,
        .job = job,
        .body = job,
        .number = (int64_t)job->delivery.deliveries,
        .max = durable->max_deliver > 0 ? durable->max_deliver : durable->attempts,
        .started_at = clock_now(),
        .lease = durable_backoff(durable, job->delivery.deliveries),
    };
    attempt->renewed_at = attempt->started_at;
    attempt->renew_at = attempt->started_at + attempt->lease / SIGNS_IN_A_LEASE;
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
    attempt->renew_at =
        attempt_lease_expired(attempt) ? INT64_MAX : now + attempt->lease / SIGNS_IN_A_LEASE;
    /* While the connection is broken it would be sent later, to a server that gave the job away. */
    if (attempt->renew_at != INT64_MAX && connection_is_up(attempt->connection) &&
        ack_progress(attempt->connection, attempt->job) == NATS_OK)
        attempt->renewed_at = now;
}
