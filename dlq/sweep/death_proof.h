/* death_proof: whether a job that lies in the origin is dead, from what its consumer and the origin
 * said at two times. Pure.
 *
 * In a work queue a job stays until it is acknowledged. What its consumer has settled and the
 * origin still holds was therefore given up: it used up its attempts. Settled is what is not above
 * the consumer's ack floor, and everything that it delivered while nothing of it is pending. At
 * each look the consumer is asked first, then the origin: the other way round, a job that is
 * acknowledged in between looks dead. */
#ifndef NATSQ_DEATH_PROOF_H
#define NATSQ_DEATH_PROOF_H

#include "queue/durable.h"
#include "queue/stored_messages.h"

enum death_proof {
    DEATH_RULED_OUT, /* it waits, runs or is gone; or it is another job */
    DEATH_UNPROVEN,  /* it may be dead: nothing is done to it */
    DEATH_PROVEN,
};

/* What one look saw of a job and its consumer. */
struct observation {
    bool consumer_known, consumer_there; /* known: the server answered */
    const struct durable_state *consumer;
    enum stored_result job;
    uint64_t seq;
    int64_t stored_at;
};

/* What one look at the consumer says of a job that the origin holds and its filter matches. */
enum death_proof death_proof_once(const struct durable_state *consumer, uint64_t seq);

/* Dead is only who was so at both looks and is the same job of the same consumer, which has not
 * gone back meanwhile (a restored copy, a reset). */
enum death_proof death_proof_twice(const struct observation *then, const struct observation *now);

#endif
