/* queue_pace: what moved between two looks, per second. Pure.
 *
 * A consumer's ack floor stands still below a job that is in flight, and jumps later; so what is
 * done is counted by what has left the origin. Jobs that are purged count as done. */
#ifndef NATSQ_QUEUE_PACE_H
#define NATSQ_QUEUE_PACE_H

#include "streams/queue_look.h"

struct queue_pace {
    bool is_known;    /* false: a stream was recreated in between, or no time passed */
    double published; /* jobs that came, those put back included */
    double done;      /* jobs that left the origin, without the dead ones */
    double dead;      /* jobs that died, as far as an advisory or a letter names them */
};

struct queue_pace queue_pace_between(const struct queue_look *before, const struct queue_look *now);

#endif
