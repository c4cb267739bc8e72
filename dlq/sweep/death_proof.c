#include "sweep/death_proof.h"

enum death_proof death_proof_once(const struct durable_state *consumer, uint64_t seq)
{
    bool is_finished = seq <= consumer->ack_floor_seq;
    if (consumer->max_deliver <= 0) /* no attempt is the last one: the job was skipped */
        return is_finished ? DEATH_UNPROVEN : DEATH_RULED_OUT;
    if (is_finished)
        return DEATH_PROVEN;
    if (seq > consumer->delivered_seq)
        return DEATH_RULED_OUT;
    return consumer->ack_pending == 0 ? DEATH_PROVEN : DEATH_UNPROVEN;
}

enum death_proof death_proof_twice(const struct observation *first,
                                   const struct observation *second)
{
    if (second->job == STORED_UNKNOWN || second->consumer_seen == CONSUMER_UNKNOWN)
        return DEATH_UNPROVEN;
    if (second->job == STORED_GONE || second->stored_at != first->stored_at ||
        second->seq != first->seq)
        return DEATH_RULED_OUT;
    if (second->consumer_seen == CONSUMER_GONE ||
        second->consumer->created != first->consumer->created)
        return DEATH_RULED_OUT; /* the next consumer delivers it from its first attempt on */
    if (second->consumer->ack_floor_seq < first->consumer->ack_floor_seq ||
        second->consumer->delivered_seq < first->consumer->delivered_seq) /* state is older */
        return DEATH_UNPROVEN;
    enum death_proof one = death_proof_once(first->consumer, first->seq);
    enum death_proof other = death_proof_once(second->consumer, second->seq);
    return one < other ? one : other; /* the weaker */
}
