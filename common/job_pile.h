/* job_pile: jobs that are settled, released together. nats.c (3.14) hands each message that is
 * released to a thread of its own and wakes it; one by one that is a third of all switches between
 * threads, and of the time, of a worker with a fast handler. */
#ifndef NATSQ_JOB_PILE_H
#define NATSQ_JOB_PILE_H

#include "job.h"

enum { JOB_PILE_MAX = 64, JOB_PILE_BYTES = 64 * 1024 };

struct job_pile {
    struct job jobs[JOB_PILE_MAX];
    size_t n, bytes; /* of the bodies */
};

/* Takes the job. */
void job_pile_add(struct job_pile *pile, struct job *job);

void job_pile_clear(struct job_pile *pile);

#endif
