#include "settlement.h"

struct settlement settlement_of(const struct verdict *verdict, bool is_last, bool lease_expired,
                                const struct durable_state *durable)
{
    /* The server extends a nak's delay by the difference between this attempt's backoff and the
     * first one. */
    const struct settlement retry = {SETTLEMENT_RETRY, durable_backoff(durable, 1)};
    const struct settlement leave = {SETTLEMENT_LEAVE, 0};
    const struct settlement dead_letter = {SETTLEMENT_DEAD_LETTER, 0};

    if (verdict->kind == VERDICT_DONE)
        return (struct settlement){SETTLEMENT_DONE, 0};
    if (lease_expired) /* anything but an ack would hit the worker that has the job now */
        return leave;
    switch (verdict->kind) {
    case VERDICT_STOPPED: /* a nak of the last attempt would declare a job dead that never failed */
        return is_last ? leave : retry;
    case VERDICT_HOPELESS:
        return dead_letter;
    case VERDICT_UNSTARTED: /* if left alone it would die as well, but without a reason in its
                               letter */
    case VERDICT_RETRY:
        return is_last ? dead_letter : retry;
    case VERDICT_DONE:
        break;
    }
    return leave;
}

bool settlement_is_exhausted(int64_t number, const struct durable_state *durable)
{
    return durable->attempts > 0 && number > durable->attempts;
}

const char *settlement_action_text(enum settlement_action action)
{
    return action == SETTLEMENT_DONE          ? "done"
           : action == SETTLEMENT_RETRY       ? "retry"
           : action == SETTLEMENT_DEAD_LETTER ? "dead"
                                              : "left";
}
