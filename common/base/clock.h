/* clock: the monotonic clock (CLOCK_MONOTONIC), for deadlines and elapsed time, in nanoseconds.
 * Wall clock time is timestamp.h's. Any thread. */
#ifndef NATSQ_CLOCK_H
#define NATSQ_CLOCK_H

#include <stdint.h>

int64_t clock_now(void);

/* Up to 10 ms behind clock_now, for a fraction of its cost: for what is asked once a job. */
int64_t clock_coarse(void);

#endif
