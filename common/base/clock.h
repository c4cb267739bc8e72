/* clock: the monotonic clock (CLOCK_MONOTONIC) in nanoseconds, for deadlines and elapsed time.
 * timestamp.h has the wall clock. Any thread. */
#ifndef NATSQ_CLOCK_H
#define NATSQ_CLOCK_H

#include <stdint.h>

int64_t clock_now(void);

/* Up to 10 ms behind clock_now, at a fraction of its cost: for code that runs for every job. */
int64_t clock_coarse(void);

#endif
