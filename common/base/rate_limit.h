/* rate_limit: lets at most N things begin in a second, evenly. Not locked: threads that share one
 * bring their own lock. */
#ifndef NATSQ_RATE_LIMIT_H
#define NATSQ_RATE_LIMIT_H

#include <stdint.h>

struct rate_limit {
    int64_t step; /* ns between two; 0: no limit */
    int64_t next; /* when the next may begin (clock_now); 0 until one has begun */
};

/* No limit with 0. */
void rate_limit_init(struct rate_limit *limit, double per_second);

/* Waits until the next may begin, or for a stop. */
void rate_limit_wait(const struct rate_limit *limit);

/* One begins now. */
void rate_limit_count(struct rate_limit *limit);

#endif
