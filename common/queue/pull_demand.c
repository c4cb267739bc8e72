#include "queue/pull_demand.h"

uint64_t pull_demand_left(const struct pull_demand *demand)
{
    uint64_t limit = demand->limit, taken = demand->taken;
    return limit == 0 ? UINT64_MAX : limit > taken ? limit - taken : 0;
}

/* How many may be outstanding. */
static size_t most(const struct pull_demand *demand)
{
    if (demand->is_paused)
        return demand->is_probing ? 1 : 0;
    if (demand->batch == 0)
        return demand->waiting;
    return demand->batch > demand->held ? demand->batch - demand->held : 0;
}

size_t pull_demand_room(const struct pull_demand *demand, const struct outstanding *outstanding)
{
    return outstanding_room(outstanding, most(demand), pull_demand_left(demand));
}
