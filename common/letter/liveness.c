#include "letter/liveness.h"

#include "queue/durable.h"

struct consumer_sight consumer_sight_of(int found, const struct durable_state *state)
{
    if (found != DURABLE_FOUND)
        return (struct consumer_sight){.seen = found < 0 ? CONSUMER_UNKNOWN : CONSUMER_GONE};
    return (struct consumer_sight){
        .seen = CONSUMER_THERE, .created = state->created, .delivered_seq = state->delivered_seq};
}

enum liveness liveness_of(const struct consumer_sight *consumer, uint64_t seq)
{
    if (consumer->seen == CONSUMER_UNKNOWN)
        return LIVENESS_UNKNOWN;
    if (consumer->seen == CONSUMER_GONE)
        return LIVENESS_NO_CONSUMER;
    return consumer->delivered_seq < seq ? LIVENESS_NOT_DELIVERED : LIVENESS_DEAD;
}
