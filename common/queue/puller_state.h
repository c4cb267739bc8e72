/* puller_state: what a puller knows. Only for the files of the puller: puller.c takes jobs,
 * puller_control.c changes what is requested. */
#ifndef NATSQ_PULLER_STATE_H
#define NATSQ_PULLER_STATE_H

#include "queue/pull_demand.h"
#include "queue/pull_subscription.h"
#include "queue/puller_options.h"

#include <pthread.h>

struct puller {
    struct connection *connection;
    struct puller_options options; /* its `limits`, `batch` and `limit` are the initial ones */
    pthread_mutex_t lock;          /* protects all below */
    pthread_cond_t restored;       /* `is_restoring` became false, or `is_stopping` true */
    struct pull_subscription pull;
    struct pull_demand demand;
    int64_t renewed;       /* when the subscription was last renewed */
    int64_t request_after; /* no request before then: one was refused */
    bool is_restoring;     /* a thread is in `restore`, without the lock */
    bool is_draining;      /* unsubscribed; what was delivered before is still taken */
    bool is_stopping, is_refusal_logged, is_bodiless_logged, knows_acks;
};

#endif
