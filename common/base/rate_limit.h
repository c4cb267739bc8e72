/* rate_limit: spaces the starts of jobs evenly, at most N per second. Not thread-safe: threads that
 * share one need a lock. */
#ifndef NATSQ_RATE_LIMIT_H
#define NATSQ_RATE_LIMIT_H

#include <stdint.h>

struct rate_limit {
    int64_t step; /* ns between two starts; 0: no limit */
    int64_t next; /* when the next job may start (clock_now); 0 before the first */
};

/* `per_second` 0: no limit. */
void rate_limit_init(struct rate_limit *limit, double per_second);

/* Waits until the next job may start, or a stop is requested. */
void rate_limit_wait(const struct rate_limit *limit);

/* Records that a job starts now. */
void rate_limit_count(struct rate_limit *limit);

#endif
