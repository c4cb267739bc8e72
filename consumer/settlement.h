/* settlement: verdict and attempt → what to tell the server. Pure. */
#ifndef NATSQ_SETTLEMENT_H
#define NATSQ_SETTLEMENT_H

#include "durable.h"
#include "verdict.h"

#include <stdbool.h>
#include <stdint.h>

enum settlement_action {
    SETTLEMENT_DONE,  /* ack */
    SETTLEMENT_RETRY, /* nak with `delay` */
    SETTLEMENT_DEAD,  /* the last attempt failed: nak with `delay`; the server's advisory follows */
};

struct settlement {
    enum settlement_action action;
    int64_t delay; /* ns */
};

/* `delivery` is the attempt's number, 1 for the first. */
struct settlement settlement_of(const struct verdict *verdict, uint64_t delivery,
                                const struct durable_state *durable);

#endif
