/* settlement: verdict × attempt → what is to be done about the job. Pure. */
#ifndef NATSQ_SETTLEMENT_H
#define NATSQ_SETTLEMENT_H

#include "handler/verdict.h"
#include "queue/durable.h"

#include <stdbool.h>
#include <stdint.h>

enum settlement_action {
    SETTLEMENT_LEAVE,       /* say nothing: it comes again, or the server's advisory tells of it */
    SETTLEMENT_DONE,        /* ack */
    SETTLEMENT_RETRY,       /* nak with `delay` */
    SETTLEMENT_DEAD_LETTER, /* letter, confirmed; then term */
};

struct settlement {
    enum settlement_action action;
    int64_t delay; /* ns */
};

/* What is known of the attempt beside its verdict. */
struct settlement_attempt {
    int64_t number, max; /* this one's and the last one's; `max` 0: no limit */
    bool is_over;        /* its lease ended: somebody else may have the job */
};

struct settlement settlement_of(const struct verdict *verdict,
                                const struct settlement_attempt *attempt,
                                const struct durable_state *durable);

/* Whether a delivery is beyond the attempts that the workers count: it is buried without a run. */
bool settlement_is_exhausted(int64_t number, const struct durable_state *durable);

#endif
