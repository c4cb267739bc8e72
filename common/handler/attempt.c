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
        .most = durable->max_deliver > 0 ? durable->max_deliver : durable->attempts,
        .began = clock_now(),
        .lease = durable_backoff(durable, job->delivery.deliveries),
    };
    attempt->seen = attempt->began;
    attempt->due = attempt->began + attempt->lease / SIGNS_IN_A_LEASE;
}

bool attempt_is_over(const struct attempt *attempt)
{
    return clock_now() - attempt->seen >= attempt->lease;
}

bool attempt_is_last(const struct attempt *attempt)
{
    return attempt->most > 0 && attempt->number >= attempt->most;
}

void attempt_renew(struct attempt *attempt)
{
    int64_t now = clock_now();
    attempt->due = attempt_is_over(attempt) ? INT64_MAX : now + attempt->lease / SIGNS_IN_A_LEASE;
    /* While the connection is broken it would be sent later, to a server that gave the job away. */
    if (attempt->due != INT64_MAX && connection_is_up(attempt->connection) &&
        ack_progress(attempt->connection, attempt->job) == NATS_OK)
        attempt->seen = now;
}
