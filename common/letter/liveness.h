/* liveness: whether a job that was declared dead, and is still in the origin, is alive again. Pure.
 *
 * A dead job is redelivered when its consumer is deleted and recreated, or reset; if it were put
 * back as well, it would run twice. Advisories and letters are both checked here. */
#ifndef NATSQ_LIVENESS_H
#define NATSQ_LIVENESS_H

#include <stdint.h>

struct durable_state;

enum consumer_seen { CONSUMER_UNKNOWN, CONSUMER_THERE, CONSUMER_GONE };

/* What is known of the job's consumer. */
struct consumer_sight {
    enum consumer_seen seen;
    int64_t created;        /* ns since 1970 */
    uint64_t delivered_seq; /* the last stream sequence that it delivered */
};

enum liveness {
    LIVENESS_UNKNOWN,       /* the server did not answer: ask again later */
    LIVENESS_DEAD,          /* dead, as it was declared */
    LIVENESS_NO_CONSUMER,   /* alive: the next consumer will deliver it */
    LIVENESS_NOT_DELIVERED, /* alive: its consumer will deliver it again */
};

/* Made from the result of durable_look_up and the state that it read. */
struct consumer_sight consumer_sight_of(int found, const struct durable_state *state);

/* The job with sequence `seq`, which the origin still holds. */
enum liveness liveness_of(const struct consumer_sight *consumer, uint64_t seq);

#endif
