/* liveness: whether a job that was declared dead, and is still in the origin, is alive again. Pure.
 *
 * The one place that decides it, for advisories (advisory_check) and letters (retire). A dead job
 * is delivered again when its consumer is deleted and recreated, or reset: put back as well, it
 * would run twice. */
#ifndef NATSQ_LIVENESS_H
#define NATSQ_LIVENESS_H

#include <stdint.h>

/* What is known of a job's consumer. */
enum consumer_seen { CONSUMER_UNKNOWN, CONSUMER_THERE, CONSUMER_GONE };

struct consumer_sight {
    enum consumer_seen seen;
    int64_t created;        /* ns since 1970 */
    uint64_t delivered_seq; /* the last stream sequence that it delivered */
};

enum liveness {
    LIVENESS_UNKNOWN,       /* the server has not said: ask again later */
    LIVENESS_DEAD,          /* dead, as it was declared */
    LIVENESS_NO_CONSUMER,   /* alive: it waits for the next consumer */
    LIVENESS_NOT_DELIVERED, /* alive: its consumer has not come to it yet */
};

/* The sight of a consumer as durable_look_up answers it: 0, above 0 or below. */
struct durable_state;
struct consumer_sight consumer_sight_of(int there, const struct durable_state *state);

/* Of the job with sequence `seq`, which the origin still holds. */
enum liveness liveness_of(const struct consumer_sight *consumer, uint64_t seq);

#endif
