/* puller_options: what a puller requests, and from where. */
#ifndef NATSQ_PULLER_OPTIONS_H
#define NATSQ_PULLER_OPTIONS_H

#include "queue/pull_request.h"

#include <stdbool.h>

struct puller_options {
    const char *stream, *consumer; /* borrowed; `restore` may change the text */
    /* Maximum number of jobs that are requested, or taken and not released; 0: one for each waiting
     * thread. */
    size_t batch;
    /* Without a batch: a thread that settles a job always takes another one next, so that the
     * acknowledgement can request it. */
    bool eager;
    uint64_t limit; /* maximum number of jobs taken in all; 0: no limit */
    struct pull_limits limits;
    /* Called when the server no longer knows the consumer, refuses requests, or has been silent:
     * returns 0 once the consumer exists (again), with its limits; 1 when a stop was requested.
     * Called by one thread at a time, without the lock; other threads in puller_take wait for
     * it. */
    int (*restore)(void *closure, struct pull_limits *limits);
    void *closure;
};

#endif
