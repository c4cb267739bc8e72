#include "base/clock.h"
#include "base/duration.h"
#include "base/rate_limit.h"

#include "unit.h"

static const int64_t step = DURATION_HOUR;

/* A job begins `late` after its time. Returns how long from now the next one may begin. */
static int64_t next_after(struct rate_limit *limit, int64_t late)
{
    limit->next = clock_now() - late;
    rate_limit_count(limit);
    return limit->next - clock_now();
}

TEST(without_a_limit_nothing_waits)
{
    struct rate_limit limit;
    rate_limit_init(&limit, 0);
    rate_limit_count(&limit);
    assert_int_equal(limit.next, 0);
    rate_limit_wait(&limit);
}

TEST(the_first_step_begins_with_the_first_job)
{
    struct rate_limit limit = {.step = step};
    int64_t before = clock_now();
    rate_limit_wait(&limit);
    rate_limit_count(&limit);
    assert_in_range(limit.next, before + step, clock_now() + step);
}

TEST(a_delay_of_less_than_a_step_is_made_up_for)
{
    struct rate_limit limit = {.step = step}, fast;
    const int64_t half = step / 2, second = DURATION_S;
    assert_in_range(next_after(&limit, 0), step - second, step);
    assert_in_range(next_after(&limit, half), half - second, half);
    assert_in_range(next_after(&limit, 2 * step), step - second, step);
    rate_limit_init(&fast, 1000);
    assert_int_equal(fast.step, DURATION_MS);
    fast.next = clock_now() - 5 * DURATION_MS;
    int64_t due = fast.next;
    rate_limit_count(&fast);
    assert_int_equal(fast.next, due + DURATION_MS); /* as late as a timer may be */
}

TEST(waits_for_the_next_step)
{
    struct rate_limit limit = {.step = 1, .next = clock_now() + 20 * DURATION_MS};
    rate_limit_wait(&limit);
    assert_true(clock_now() >= limit.next);
}
