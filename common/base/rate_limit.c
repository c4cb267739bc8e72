#include "base/rate_limit.h"

#include "base/clock.h"
#include "base/duration.h"
#include "base/stop.h"

#include <stdbool.h>

/* How late a timer may fire. Without making up for that, high rates would not be reached. */
static const int64_t timer_slack = 20 * DURATION_MS;

void rate_limit_init(struct rate_limit *limit, double per_second)
{
    *limit = (struct rate_limit){.step = per_second > 0 ? (int64_t)((double)DURATION_S / per_second)
                                                        : 0};
}

void rate_limit_wait(const struct rate_limit *limit)
{
    int64_t left = limit->step ? limit->next - clock_now() : 0;
    if (left > 0)
        (void)stop_wait(left);
}

/* Makes up for a delay of less than a step, so that the rate is met, but not for a longer one,
 * which would cause a burst. */
void rate_limit_count(struct rate_limit *limit)
{
    if (limit->step == 0)
        return;
    int64_t now = clock_now(), slack = limit->step > timer_slack ? limit->step : timer_slack;
    bool is_in_time = limit->next > 0 && limit->next + slack > now;
    limit->next = (is_in_time ? limit->next : now) + limit->step;
}
