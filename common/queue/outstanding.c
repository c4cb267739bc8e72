#include "queue/outstanding.h"

#include "base/duration.h"

static const int64_t period = 15 * DURATION_S; /* the server ends a request earlier */
static const int64_t silence = 7 * DURATION_S; /* more than twice the interval of heartbeats */

void outstanding_reset(struct outstanding *outstanding, int64_t now)
{
    *outstanding = (struct outstanding){.period_start = now, .last_sign = now};
}

void outstanding_add(struct outstanding *outstanding, size_t n, int64_t now)
{
    outstanding->recent += n;
    outstanding->last_sign = now;
}

void outstanding_remove(struct outstanding *outstanding, size_t n)
{
    size_t of_older = n < outstanding->older ? n : outstanding->older;
    outstanding->older -= of_older;
    n -= of_older;
    outstanding->recent -= n < outstanding->recent ? n : outstanding->recent;
}

void outstanding_expire(struct outstanding *outstanding, int64_t now)
{
    if (now - outstanding->period_start < period)
        return;
    outstanding->older = outstanding->recent;
    outstanding->recent = 0;
    outstanding->period_start = now;
}

size_t outstanding_count(const struct outstanding *outstanding)
{
    return outstanding->recent + outstanding->older;
}

size_t outstanding_room(const struct outstanding *outstanding, size_t most, uint64_t left)
{
    size_t count = outstanding_count(outstanding);
    if (most <= count || left <= count)
        return 0;
    return most < left ? most - count : (size_t)left - count;
}

bool outstanding_is_silent(const struct outstanding *outstanding, int64_t now)
{
    return outstanding_count(outstanding) > 0 && now - outstanding->last_sign > silence;
}
