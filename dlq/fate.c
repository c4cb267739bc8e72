#include "fate.h"

#include <string.h>

enum fate fate_of(const struct letter *letter, int64_t retries, uint64_t deliveries)
{
    bool is_hopeless = letter->reason && strcmp(letter->reason, "hopeless") == 0;
    if (is_hopeless || letter->retries >= (uint64_t)retries || deliveries > FATE_DELIVERIES_MAX)
        return FATE_HOLD;
    return FATE_PUT_BACK;
}
