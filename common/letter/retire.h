/* retire: removes dead jobs from the origin, once their letter or their fate is safe.
 *
 * A job that used up its attempts stays in a work-queue stream until it is acknowledged on behalf
 * of its consumer: `+ACK` to $JS.ACK.<stream>.<consumer>.<deliveries>.<seq>.0.0.0, of which only
 * the sequence has to be right (nats-server 2.9 to 2.15, R1 and R3, with deny-delete on), or to the
 * longer form if the server's deliveries have it (delivery.h). The answer proves little: whether
 * the leader still holds the job decides. */
#ifndef NATSQ_RETIRE_H
#define NATSQ_RETIRE_H

#include "letter/letter.h"
#include "nats/requester.h"

enum retire_outcome {
    RETIRE_LATER, /* not known, or not removed yet: try again */
    RETIRE_GONE,  /* no longer in the origin */
    RETIRE_OTHER, /* the origin was recreated and another job has the sequence: left alone */
    RETIRE_ALIVE, /* alive again (liveness.h): left alone; settle its letter without a put-back */
};

/* The job that a letter is about, by its identity, never by the sequence alone. */
struct retirement {
    const struct letter *letter; /* borrowed */
    enum retire_outcome outcome;
};

/* Retires all in a few round trips and fills in their outcomes. -1 when the connection failed or
 * the server refuses (77): those that are still unknown are RETIRE_LATER. With `only_looks` it
 * removes nothing, and RETIRE_LATER means that the job is stored and dead, or that its state is not
 * known: for a letter whose job may be alive again, before anything is done about it. */
int retire(struct requester *requester, struct retirement *items, size_t n, bool only_looks,
           struct error *error);

/* Whether a look that began at `begin` (clock_now) and found a job alive is too old to settle its
 * letter. This process may have been suspended since: the job may have died again, and a sweep that
 * found the letter may have removed it; but a sweep takes longer than this. */
bool retire_look_is_old(int64_t begin);

#endif
