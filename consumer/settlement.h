/* settlement: what to tell the server about a job, given its verdict and attempt. Pure. */
#ifndef NATSQ_SETTLEMENT_H
#define NATSQ_SETTLEMENT_H

#include "handler/verdict.h"
#include "queue/durable_state.h"

#include <stdbool.h>
#include <stdint.h>

enum settlement_action {
    SETTLEMENT_LEAVE,       /* nothing: the job is redelivered, or an advisory announces it */
    SETTLEMENT_DONE,        /* ack */
    SETTLEMENT_RETRY,       /* nak with `delay` */
    SETTLEMENT_DEAD_LETTER, /* dead letter, confirmed; then term */
};

struct settlement {
    enum settlement_action action;
    int64_t delay; /* ns */
};

/* "done", "retry", "dead"; "left" for any other value. */
const char *settlement_action_text(enum settlement_action action);

/* `is_last` and `lease_expired` are of the attempt (attempt.h). */
struct settlement settlement_of(const struct verdict *verdict, bool is_last, bool lease_expired,
                                const struct durable_state *durable);

/* Whether delivery `number` is beyond the attempts that the workers count: the job is
 * dead-lettered without a run. */
bool settlement_is_exhausted(int64_t number, const struct durable_state *durable);

#endif
