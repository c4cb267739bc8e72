/* rate_limit: lets no more than so many begin in a second, evenly, without bursts. Any thread may
 * wait.
 */
#ifndef NATSQ_RATE_LIMIT_H
#define NATSQ_RATE_LIMIT_H

#include <pthread.h>
#include <stdint.h>

struct rate_limit {
    pthread_mutex_t lock; /* held from enter to leave */
    int64_t step;         /* ns between two; 0: no limit */
    int64_t next;         /* when the next may begin */
};

void rate_limit_init(struct rate_limit *limit, double per_second);

/* Waits for its turn, or for a stop; until rate_limit_leave nobody else enters, so that what
 * begins, and not what waits for something to begin with, is counted. Both do nothing without a
 * limit. */
void rate_limit_enter(struct rate_limit *limit);
void rate_limit_leave(struct rate_limit *limit);

#endif
