#include "sweep/death_proof.h"

enum suspicion suspect_at_once(const struct durable_state *consumer, uint64_t seq)
{
    bool settled = seq <= consumer->ack_floor_seq;
    if (consumer->max_deliver <= 0) /* no attempt is the last: it was skipped */
        return settled ? SUSPECT_UNPROVEN : SUSPECT_ALIVE;
    if (settled)
        return SUSPECT_DEAD;
    if (seq > consumer->delivered_seq)
        return SUSPECT_ALIVE;
    return consumer->ack_pending == 0 ? SUSPECT_DEAD : SUSPECT_UNPROVEN;
}

static bool went_back(const struct durable_state *then, const struct durable_state *now)
{
    return now->ack_floor_seq < then->ack_floor_seq || now->delivered_seq < then->delivered_seq;
}

static enum suspicion least(enum suspicion one, enum suspicion other)
{
    return one < other ? one : other;
}

enum suspicion suspect_judge(const struct sight *then, const struct sight *now)
{
    if (now->job == STORED_UNKNOWN || !now->consumer_known)
        return SUSPECT_UNPROVEN;
    if (now->job == STORED_GONE || now->stored_at != then->stored_at || now->seq != then->seq)
        return SUSPECT_ALIVE;
    if (!now->consumer_there || now->consumer->created != then->consumer->created)
        return SUSPECT_ALIVE; /* the next consumer delivers it from its first attempt on */
    if (went_back(then->consumer, now->consumer))
        return SUSPECT_UNPROVEN;
    return least(suspect_at_once(then->consumer, then->seq),
                 suspect_at_once(now->consumer, now->seq));
}
