#include "run/fate.h"

#include <string.h>

bool fate_must_hold(const struct letter *letter, uint64_t deliveries)
{
    return deliveries > FATE_DELIVERIES_MAX ||
           (letter->reason && strcmp(letter->reason, "hopeless") == 0);
}

enum fate fate_of_verdict(const struct verdict *verdict, uint64_t deliveries, int64_t max_attempts)
{
    bool is_last = deliveries >= (uint64_t)max_attempts;
    if (verdict->kind == VERDICT_DONE)
        return FATE_DONE;
    if (verdict->kind == VERDICT_HOPELESS || (verdict->kind == VERDICT_RETRY && is_last))
        return FATE_HOLD;
    return FATE_UNDECIDED;
}

enum fate fate_of_letter(const struct letter *letter, int64_t retries, uint64_t deliveries)
{
    bool used_up = letter->retries >= (uint64_t)retries;
    return used_up || fate_must_hold(letter, deliveries) ? FATE_HOLD : FATE_PUT_BACK;
}
