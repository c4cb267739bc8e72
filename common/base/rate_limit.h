/* pace: lets no more than so many begin in a second, evenly, without bursts. Any thread may wait.
 */
#ifndef NATSQ_PACE_H
#define NATSQ_PACE_H

#include <pthread.h>
#include <stdint.h>

struct pace {
    pthread_mutex_t lock; /* held from enter to leave */
    int64_t step;         /* ns between two; 0: no limit */
    int64_t next;         /* when the next may begin */
};

void pace_init(struct pace *pace, double per_second);

/* Waits for its turn, or for a stop; until pace_leave nobody else enters, so that what begins, and
 * not what waits for something to begin with, is counted. Both do nothing without a limit. */
void pace_enter(struct pace *pace);
void pace_leave(struct pace *pace);

#endif
