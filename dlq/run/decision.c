#include "run/decision.h"

static enum fate first_fate(const struct decision *decision, const struct decision_rule *rule)
{
    uint64_t deliveries = decision->message->delivery.deliveries;
    if (decision->fault)
        return FATE_HOLD;
    if (rule->has_handler)
        return fate_must_hold(&decision->letter, deliveries) ? FATE_HOLD : FATE_UNDECIDED;
    return fate_of_letter(&decision->letter, rule->retries, deliveries);
}

void decision_begin(struct decision *decision, const struct job *message,
                    const struct decision_rule *rule)
{
    *decision = (struct decision){.message = message, .body = message};
    decision->fault = letter_read_of(&decision->letter, message, rule->origin);
    decision->fate = first_fate(decision, rule);
}

/* No check is needed if retiring precedes the put-back: retiring finds out whether the original is
 * alive. */
bool decision_needs_check(const struct decision *decision)
{
    return !decision->fault && !decision_retires_before(decision);
}

bool decision_needs_body(const struct decision *decision)
{
    return decision->letter.by_reference &&
           (decision->fate == FATE_PUT_BACK || decision->fate == FATE_UNDECIDED);
}

/* Only if the letter holds the body: then the job is safe without its original. */
bool decision_retires_before(const struct decision *decision)
{
    return decision->fate == FATE_PUT_BACK && !decision->letter.by_reference;
}

bool decision_retires_after(const struct decision *decision)
{
    if (decision->fault || decision->original_is_gone || !puback_confirms(&decision->outcome))
        return false;
    return decision->fate == FATE_DONE ||
           (decision->fate == FATE_PUT_BACK) == decision->letter.by_reference;
}

bool decision_needs_recheck(const struct decision *decision)
{
    return decision->fate == FATE_JOB_ALIVE;
}

void decision_note_check(struct decision *decision, enum retire_outcome original)
{
    decision->original_is_gone = original == RETIRE_GONE || original == RETIRE_OTHER;
    if (original == RETIRE_ALIVE)
        decision->fate = FATE_JOB_ALIVE;
}

void decision_note_retirement(struct decision *decision, enum retire_outcome original)
{
    decision->is_deferred = original == RETIRE_LATER && !decision_gives_up_retiring(decision);
    if (original == RETIRE_ALIVE && !puback_confirms(&decision->outcome))
        decision->fate = FATE_JOB_ALIVE;
}

/* If the job died again in the meantime, a sweep may find this letter and store no other: the
 * letter stays. */
void decision_note_recheck(struct decision *decision, enum retire_outcome original)
{
    decision->is_deferred = original != RETIRE_ALIVE;
}

bool decision_gives_up_retiring(const struct decision *decision)
{
    return decision->message->delivery.deliveries > 2 * FATE_DELIVERIES_MAX;
}

bool decision_is_settled(const struct decision *decision)
{
    return !decision->is_deferred &&
           (decision->fate == FATE_JOB_ALIVE || puback_confirms(&decision->outcome));
}

bool decision_is_refused(const struct decision *decision)
{
    return !decision_is_settled(decision) && !decision->is_deferred &&
           decision->fate != FATE_UNDECIDED;
}
