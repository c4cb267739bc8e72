/* worker_context: what the slots of a worker share. Read-only, except for members with a lock of
 * their own. */
#ifndef NATSQ_WORKER_CONTEXT_H
#define NATSQ_WORKER_CONTEXT_H

#include "base/rate_limit.h"
#include "consumer_options.h"
#include "dead_lettering.h"
#include "durable_watch.h"
#include "handler/handler.h"
#include "intake.h"
#include "job_log.h"
#include "queue/puller.h"
#include "worker_report.h"

#include <pthread.h>
#include <stdatomic.h>

struct worker_context {
    const struct consumer_options *options;
    const struct log *log;
    struct connection *connection;
    struct durable_watch *durable; /* this and the following members: any thread */
    struct puller *puller;
    struct intake intake;
    struct job_log *job_log;
    pthread_mutex_t rate_lock; /* protects the rate limit */
    struct rate_limit rate_limit;
    struct dead_lettering_warnings warnings;
    struct handler_shared handlers;
    struct worker_report report;
    atomic_size_t running; /* slots that have not ended */
    int finished;          /* an eventfd, readable once the last slot has ended */
};

#endif
