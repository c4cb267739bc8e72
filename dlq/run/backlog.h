/* backlog: what one of our durables on the DLQ stream had not settled at a moment, taken in batches
 * by a verb that ends. Jobs may go on dying: what is stored later does not belong to it. For one
 * thread. */
#ifndef NATSQ_BACKLOG_H
#define NATSQ_BACKLOG_H

#include "run/batch_puller.h"

struct backlog {
    const struct dlq *dlq;
    struct batch_puller *puller;
    uint64_t last; /* sequence of its last message; 0: it is empty */
    uint64_t left; /* messages still to take */
    int idle;      /* pulls in a row that brought nothing */
    /* A later message arrived: all of the backlog were delivered, to us or to others. */
    bool saw_later;
};

/* Everything that is stored now and not settled. */
int backlog_begin(struct backlog *backlog, const struct dlq *dlq, struct batch_puller *puller,
                  struct error *error);

/* Takes up to `most` messages, of which the first `n` belong to the backlog; all `taken` are to be
 * settled together (batch_puller_settle). 1: the end, or a stop was requested. -1. */
int backlog_take(struct backlog *backlog, struct job messages[BATCH_MAX], size_t most, size_t *n,
                 size_t *taken, struct error *error);

/* After the end: -1 (75) when some are still in flight at a `run`, or delayed, once that `run` has
 * had a moment to settle them. The error calls them `one` or `many`. */
int backlog_check_left(const struct backlog *backlog, const char *one, const char *many,
                       struct error *error);

#endif
