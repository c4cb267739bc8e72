/* pull_status: a status that the server sends about a request for jobs (ADR-13). Pure. */
#ifndef NATSQ_PULL_STATUS_H
#define NATSQ_PULL_STATUS_H

#include <nats/nats.h>
#include <stddef.h>

enum pull_status_kind {
    PULL_STATUS_HEARTBEAT,
    PULL_STATUS_EXPIRED, /* the request got fewer jobs than it asked for */
    PULL_STATUS_LOST,    /* leader or consumer changed: repeat the request, it may be served */
    PULL_STATUS_REFUSED, /* a repeated request would be refused too */
};

struct pull_status {
    enum pull_status_kind kind;
    const char *code, *description; /* the message's */
    size_t unfulfilled; /* jobs of the request that will not be delivered; 0 for a heartbeat,
                           SIZE_MAX: all */
};

void pull_status_parse(natsMsg *message, struct pull_status *status);

#endif
