#include "run/fate.h"

#include <string.h>

bool fate_is_sealed(const struct letter *letter, uint64_t deliveries)
{
    return deliveries > FATE_DELIVERIES_MAX ||
           (letter->reason && strcmp(letter->reason, "hopeless") == 0);
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
        return FATE_AGAIN;
    case VERDICT_RETRY:
        break;
    }
    return deliveries >= (uint64_t)max_attempts ? FATE_HOLD : FATE_AGAIN;
}

enum fate fate_of(const struct letter *letter, int64_t retries, uint64_t deliveries)
{
    if (fate_is_sealed(letter, deliveries) || letter->retries >= (uint64_t)retries)
        return FATE_HOLD;
    return FATE_PUT_BACK;
}
