#include "sweep/death_proof.h"

enum death_proof death_proof_once(const struct durable_state *consumer, uint64_t seq)
{
    bool settled = seq <= consumer->ack_floor_seq;
    if (consumer->max_deliver <= 0) /* no attempt is the last: it was skipped */
        return settled ? DEATH_UNPROVEN : DEATH_RULED_OUT;
    if (settled)
        return DEATH_PROVEN;
    if (seq > consumer->delivered_seq)
        return DEATH_RULED_OUT;
    return consumer->ack_pending == 0 ? DEATH_PROVEN : DEATH_UNPROVEN;
}

static bool went_back(const struct durable_state *then, const struct durable_state *now)
{
    return now->ack_floor_seq < then->ack_floor_seq || now->delivered_seq < then->delivered_seq;
}

static enum death_proof least(enum death_proof one, enum death_proof other)
{
    return one < other ? one : other;
}

enum death_proof death_proof_twice(const struct observation *then, const struct observation *now)
{
    if (now->job == STORED_UNKNOWN || !now->consumer_known)
        return DEATH_UNPROVEN;
    if (now->job == STORED_GONE || now->stored_at != then->stored_at || now->seq != then->seq)
        return DEATH_RULED_OUT;
    if (!now->consumer_there || now->consumer->created != then->consumer->created)
        return DEATH_RULED_OUT; /* the next consumer delivers it from its first attempt on */
    if (went_back(then->consumer, now->consumer))
        return DEATH_UNPROVEN;
    return least(death_proof_once(then->consumer, then->seq),
                 death_proof_once(now->consumer, now->seq));
}
