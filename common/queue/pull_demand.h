/* pull_demand: how many jobs a puller may request. No I/O; protected by the puller's lock. */
#ifndef NATSQ_PULL_DEMAND_H
#define NATSQ_PULL_DEMAND_H

#include "queue/outstanding.h"

struct pull_demand {
    size_t batch;         /* as in struct puller_options */
    uint64_t limit;       /* as in struct puller_options */
    uint64_t taken;       /* jobs in all */
    size_t held, waiting; /* jobs taken and not settled, threads that wait for one */
    bool is_paused;       /* nothing is wanted, except by a thread that probes */
    bool is_probing;      /* such a thread waits */
};

/* Jobs that may still be taken until the limit. */
uint64_t pull_demand_left(const struct pull_demand *demand);

/* How many more may be requested now. */
size_t pull_demand_room(const struct pull_demand *demand, const struct outstanding *outstanding);

#endif
