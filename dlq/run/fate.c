#include "run/fate.h"

#include <string.h>

bool fate_must_hold(const struct letter *letter, uint64_t deliveries)
{
    return deliveries > FATE_DELIVERIES_MAX ||
           (letter->reason && strcmp(letter->reason, "hopeless") == 0);
}

static bool attempts_used_up(uint64_t deliveries, int64_t max_attempts)
{
    return deliveries >= (uint64_t)max_attempts;
}

static bool retries_used_up(const struct letter *letter, int64_t retries)
{
    return letter->retries >= (uint64_t)retries;
}

enum fate fate_of_verdict(const struct verdict *verdict, uint64_t deliveries, int64_t max_attempts)
{
    switch (verdict->kind) {
    case VERDICT_DONE:
        return FATE_DONE;
    case VERDICT_HOPELESS:
        return FATE_HOLD;
    case VERDICT_STOPPED:
    case VERDICT_UNSTARTED:
        return FATE_UNDECIDED;
    case VERDICT_RETRY:
        break;
    }
    return attempts_used_up(deliveries, max_attempts) ? FATE_HOLD : FATE_UNDECIDED;
}

enum fate fate_of_letter(const struct letter *letter, int64_t retries, uint64_t deliveries)
{
    return fate_must_hold(letter, deliveries) || retries_used_up(letter, retries) ? FATE_HOLD
                                                                                  : FATE_PUT_BACK;
}
