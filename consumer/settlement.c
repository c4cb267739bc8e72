#include "settlement.h"

struct settlement settlement_of(const struct verdict *verdict, uint64_t delivery,
                                const struct durable_state *durable)
{
    if (verdict->kind == VERDICT_DONE)
        return (struct settlement){SETTLEMENT_DONE, 0};
    bool is_last = durable->max_deliver > 0 && delivery >= (uint64_t)durable->max_deliver;
    /* The server adds to a nak's delay what this attempt's backoff has over the first one. */
    return (struct settlement){is_last ? SETTLEMENT_DEAD : SETTLEMENT_RETRY,
                               durable_backoff(durable, 1)};
}
