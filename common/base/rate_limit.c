#include "base/rate_limit.h"

#include "base/clock.h"
#include "base/duration.h"
#include "base/stop.h"

void rate_limit_init(struct rate_limit *limit, double per_second)
{
    pthread_mutex_init(&limit->lock, NULL);
    limit->step = per_second > 0 ? (int64_t)((double)DURATION_S / per_second) : 0;
    limit->next = 0;
}

void rate_limit_enter(struct rate_limit *limit)
{
    if (limit->step == 0)
        return;
    pthread_mutex_lock(&limit->lock);
    int64_t now = clock_now();
    if (limit->next > now)
        stop_wait(limit->next - now);
}

void rate_limit_leave(struct rate_limit *limit)
{
    if (limit->step == 0)
        return;
    int64_t now = clock_now();
    /* Late by less than a step is made up for, so that the rate is met; more is not: no bursts. */
    limit->next = (limit->next + limit->step > now ? limit->next : now) + limit->step;
    pthread_mutex_unlock(&limit->lock);
}
