#include "pace.h"

#include "duration.h"
#include "stop.h"

void pace_init(struct pace *pace, double per_second)
{
    pthread_mutex_init(&pace->lock, NULL);
    pace->step = per_second > 0 ? (int64_t)((double)DURATION_S / per_second) : 0;
    pace->next = 0;
}

void pace_wait(struct pace *pace)
{
    if (pace->step == 0)
        return;
    pthread_mutex_lock(&pace->lock);
    int64_t now = duration_now();
    int64_t turn = pace->next > now ? pace->next : now;
    pace->next = turn + pace->step;
    pthread_mutex_unlock(&pace->lock);
    if (turn > now)
        stop_wait(turn - now);
}
