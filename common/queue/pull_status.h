/* pull_status: the server's status about a request for jobs (ADR-13). Pure. */
#ifndef NATSQ_PULL_STATUS_H
#define NATSQ_PULL_STATUS_H

#include <nats/nats.h>
#include <stddef.h>

enum pull_status_kind {
    PULL_STATUS_ALIVE,   /* a heartbeat */
    PULL_STATUS_NOTHING, /* no jobs came in time */
    PULL_STATUS_MOVED, /* another request may be answered at once, by the consumer's next leader or
                          the consumer made again */
    PULL_STATUS_REFUSED, /* this request and any like it */
};

struct pull_status {
    enum pull_status_kind kind;
    const char *code, *description; /* the message's */
    size_t pending;                 /* jobs that this request will not bring; SIZE_MAX: all */
};

void pull_status_of(natsMsg *message, struct pull_status *status);

#endif
