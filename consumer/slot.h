/* slot: one of the places in which jobs are worked off, a thread each. Its life reads from top to
 * bottom in slot.c: take, run, settle. */
#ifndef NATSQ_SLOT_H
#define NATSQ_SLOT_H

#include "base/rate_limit.h"
#include "consumer_options.h"
#include "dead_lettering.h"
#include "durable_watch.h"
#include "handler/handler.h"
#include "job_log.h"
#include "queue/puller.h"

#include <pthread.h>
#include <stdatomic.h>

/* What the slots of a worker have in common; read only but for what says otherwise. */
struct worker_context {
    const struct consumer_options *options;
    const struct log *log;
    struct connection *connection;
    struct durable_watch *durable; /* shared by its own rules, like the next three */
    struct puller *puller;
    struct job_log *job_log;
    pthread_mutex_t rate_lock; /* for the rate limit */
    struct rate_limit rate_limit;
    struct dead_lettering_warnings said; /* of the burials */
    struct handler_shared handlers;
};

struct slot;

int slot_open(struct slot **opened, struct worker_context *context, struct error *error);
void slot_close(struct slot *slot);

/* Works until the puller ends, or --until-empty is reached. */
void slot_run(struct slot *slot);

CLEANUP_DEFINE(struct slot *, cleanup_slot, slot_close)

#endif
