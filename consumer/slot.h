/* slot: a thread that takes one job at a time, runs it through its handler, and settles it. */
#ifndef NATSQ_SLOT_H
#define NATSQ_SLOT_H

#include "worker_context.h"

struct slot {
    struct worker_context *context;
    struct handler *handler;
    struct requester *requester;
    struct dead_lettering dead_lettering;
    struct durable_state durable; /* when the current job was taken */
    bool is_probe;                /* its next job is a probe (intake.h) */
    pthread_t thread;
};

/* Fills in a slot that is all zeros. Call slot_release even after -1. */
int slot_init(struct slot *slot, struct worker_context *context, struct error *error);
void slot_release(struct slot *slot);

/* Starts `thread`, which works until the puller ends or --until-empty is reached, and which the
 * caller joins. */
int slot_start(struct slot *slot, struct error *error);

#endif
