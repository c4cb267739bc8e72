#include "run/decision.h"

/* What a handler is to decide has no fate yet. */
static enum fate first_fate(const struct decision *decision, const struct decision_rule *rule)
{
    uint64_t deliveries = decision->message->delivery.deliveries;
    if (decision->fault)
        return FATE_HOLD;
    if (rule->has_handler)
        return fate_is_sealed(&decision->letter, deliveries) ? FATE_HOLD : FATE_AGAIN;
    return fate_of(&decision->letter, rule->retries, deliveries);
}

void decision_begin(struct decision *decision, const struct job *message,
                    const struct decision_rule *rule)
{
    *decision = (struct decision){.message = message, .body = message};
    decision->fault = letter_read_of(&decision->letter, message, rule->origin);
    decision->fate = first_fate(decision, rule);
}

bool decision_needs_look(const struct decision *decision)
{
    return !decision->fault && !decision_retires_first(decision);
}

bool decision_needs_original(const struct decision *decision)
{
    return decision->letter.by_reference &&
           (decision->fate == FATE_PUT_BACK || decision->fate == FATE_AGAIN);
}

/* When the letter holds the body, putting back retires first: a full origin then has room. */
bool decision_retires_first(const struct decision *decision)
{
    return decision->fate == FATE_PUT_BACK && !decision->letter.by_reference;
}

/* A held letter by reference keeps its body in the origin. */
bool decision_retires_after(const struct decision *decision)
{
    if (decision->fault || decision->is_gone || !puback_confirms(&decision->outcome))
        return false;
    return decision->fate == FATE_DONE ||
           (decision->fate == FATE_PUT_BACK) == decision->letter.by_reference;
}

void decision_take_look(struct decision *decision, enum retire_outcome original)
{
    decision->is_gone = original == RETIRE_GONE || original == RETIRE_OTHER;
    if (original == RETIRE_ALIVE)
        decision->fate = FATE_ALIVE;
}

void decision_take_removal(struct decision *decision, enum retire_outcome original)
{
    decision->waits = original == RETIRE_LATER && !decision_is_late(decision);
    if (original == RETIRE_ALIVE && !puback_confirms(&decision->outcome))
        decision->fate = FATE_ALIVE;
}

bool decision_is_alive(const struct decision *decision)
{
    return decision->fate == FATE_ALIVE;
}

void decision_take_last_look(struct decision *decision, enum retire_outcome original)
{
    decision->waits = original != RETIRE_ALIVE;
}

bool decision_is_late(const struct decision *decision)
{
    return decision->message->delivery.deliveries > 2 * FATE_DELIVERIES_MAX;
}

bool decision_is_settled(const struct decision *decision)
{
    return !decision->waits && (decision_is_alive(decision) || puback_confirms(&decision->outcome));
}

bool decision_is_refused(const struct decision *decision)
{
    return !decision_is_settled(decision) && !decision->waits && decision->fate != FATE_AGAIN;
}
