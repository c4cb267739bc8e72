#include "settlement.h"

/* After the lease nothing but an ack may be said: anything else would hit whoever has it now. */
struct settlement settlement_of(const struct verdict *verdict,
                                const struct settlement_attempt *attempt,
                                const struct durable_state *durable)
{
    /* The server adds to a nak's delay what this attempt's backoff has over the first one. */
    const struct settlement retry = {SETTLEMENT_RETRY, durable_backoff(durable, 1)};
    const struct settlement leave = {SETTLEMENT_LEAVE, 0}, bury = {SETTLEMENT_DEAD_LETTER, 0};
    bool is_last = attempt->max > 0 && attempt->number >= attempt->max;

    if (verdict->kind == VERDICT_DONE)
        return (struct settlement){SETTLEMENT_DONE, 0};
    if (attempt->is_over)
        return leave;
    switch (verdict->kind) {
    case VERDICT_STOPPED: /* a nak of the last attempt would declare a job dead that never failed */
        return is_last ? leave : retry;
    case VERDICT_UNSTARTED: /* left, it would be dead as well, but nobody would know why */
        return is_last ? bury : retry;
    case VERDICT_HOPELESS:
        return bury;
    case VERDICT_RETRY:
        return is_last ? bury : retry;
    case VERDICT_DONE:
        break;
    }
    return leave;
}

bool settlement_is_exhausted(int64_t number, const struct durable_state *durable)
{
    return durable->attempts > 0 && number > durable->attempts;
}
