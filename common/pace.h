/* pace: lets no more than so many begin in a second, evenly, without bursts. Any thread may wait.
 */
#ifndef NATSQ_PACE_H
#define NATSQ_PACE_H

#include <pthread.h>
#include <stdint.h>

struct pace {
    pthread_mutex_t lock;
    int64_t step; /* ns between two; 0: no limit */
    int64_t next; /* when the next may begin */
};

void pace_init(struct pace *pace, double per_second);

/* Waits for its turn, or for a stop. */
void pace_wait(struct pace *pace);

#endif
