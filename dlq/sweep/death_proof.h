/* death_proof: whether a job that the origin still holds is proven dead. Pure.
 *
 * In a work queue a job stays until it is acknowledged. If its consumer has finished with a job and
 * the origin still holds it, the consumer gave up: the job used up its attempts. A consumer has
 * finished with every job up to its ack floor, and with every job that it delivered if none of them
 * is pending.
 *
 * Two looks, a while apart, must agree. Each look reads the consumer first and the origin after it;
 * in the other order, a job that is acknowledged in between seems dead. */
#ifndef NATSQ_DEATH_PROOF_H
#define NATSQ_DEATH_PROOF_H

#include "letter/liveness.h"
#include "queue/durable_state.h"
#include "queue/stored_messages.h"

enum death_proof {
    DEATH_RULED_OUT, /* the job is pending, in flight or gone, or it is another job */
    DEATH_UNPROVEN,  /* it may be dead: left alone */
    DEATH_PROVEN,
};

/* What one look saw of a job and its consumer. */
struct observation {
    enum consumer_seen consumer_seen;
    const struct durable_state *consumer; /* NULL: it does not exist */
    enum stored_result job;
    uint64_t seq;
    int64_t stored_at;
};

/* From one look at the consumer, of a job that the origin holds and the consumer's filter matches.
 */
enum death_proof death_proof_once(const struct durable_state *consumer, uint64_t seq);

/* From both looks: proven if each proves it, for the same job of the same consumer, and the
 * consumer has not gone back in between (restored from a copy, or reset). */
enum death_proof death_proof_twice(const struct observation *first,
                                   const struct observation *second);

#endif
