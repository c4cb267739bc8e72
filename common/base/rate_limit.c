#include "base/rate_limit.h"

#include "base/duration.h"
#include "base/stop.h"

void pace_init(struct pace *pace, double per_second)
{
    pthread_mutex_init(&pace->lock, NULL);
    pace->step = per_second > 0 ? (int64_t)((double)DURATION_S / per_second) : 0;
    pace->next = 0;
}

void pace_enter(struct pace *pace)
{
    if (pace->step == 0)
        return;
    pthread_mutex_lock(&pace->lock);
    int64_t now = duration_now();
    if (pace->next > now)
        stop_wait(pace->next - now);
}

void pace_leave(struct pace *pace)
{
    if (pace->step == 0)
        return;
    int64_t now = duration_now();
    /* Late by less than a step is made up for, so that the rate is met; more is not: no bursts. */
    pace->next = (pace->next + pace->step > now ? pace->next : now) + pace->step;
    pthread_mutex_unlock(&pace->lock);
}
