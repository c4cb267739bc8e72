/* flow: judges by two looks at a durable whether its jobs are processed, and how fast. Pure.
 *
 * CONSUMER.INFO does not say whether a worker is connected. A pull request that waits shows one
 * with a free slot; busy workers have none, like workers that are gone. So what counts is what
 * moves between the looks, and what moved last: renewing the lease of a job counts as a delivery in
 * `last_active` (nats-server 2.15), so busy workers show signs of life, and only an acknowledgement
 * is progress. */
#ifndef NATSQ_FLOW_H
#define NATSQ_FLOW_H

#include "queue/durable_state.h"

struct flow_look {
    struct durable_state state;
    uint64_t removed; /* messages that its stream no longer has */
    int64_t oldest;   /* when the oldest job that is not done was stored; 0, -1: not known */
};

enum flow {
    FLOW_FREE,      /* nothing to do, a worker with a free slot, or paused */
    FLOW_MOVES,     /* jobs are delivered or done */
    FLOW_SLOW,      /* nothing moved between the looks, but shortly before: as with a low --rate */
    FLOW_BUSY,      /* jobs are in flight, and no worker has a free slot */
    FLOW_GONE,      /* jobs are in flight, and no worker has renewed their leases */
    FLOW_NO_WORKER, /* pending jobs, none in flight, and nobody requests them */
};

struct flow_report {
    enum flow flow;
    double rate;   /* jobs done per second */
    int64_t left;  /* ns until all is done at this rate; -1: not known */
    int64_t quiet; /* ns since the last sign of life of a worker; -1: there was none */
    int64_t stuck; /* ns without a job that was done, at least; -1: not known */
    bool grows;    /* more jobs arrive than are done */
};

/* Whether only a second look can tell. `in_flight_is_work`: for a durable of `dlq run`, which never
 * keeps a letter in flight for long. */
bool flow_is_suspicious(const struct flow_look *look, bool in_flight_is_work);

struct flow_report flow_judge(const struct flow_look *before, const struct flow_look *after,
                              bool in_flight_is_work);

#endif
