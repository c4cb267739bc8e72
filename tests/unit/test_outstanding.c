#include "base/duration.h"
#include "queue/outstanding.h"

#include "unit.h"

static const int64_t start = 100 * DURATION_S;

static struct outstanding outstanding_of(size_t older, size_t recent)
{
    return (struct outstanding){
        .recent = recent, .older = older, .period_start = start, .last_sign = start};
}

TEST(the_oldest_requests_are_removed_first)
{
    struct outstanding outstanding = outstanding_of(3, 5);
    outstanding_remove(&outstanding, 4);
    assert_int_equal(outstanding.older, 0);
    assert_int_equal(outstanding.recent, 4);
    outstanding_remove(&outstanding, SIZE_MAX);
    assert_int_equal(outstanding_count(&outstanding), 0);
}

TEST(a_request_is_forgotten_after_two_periods)
{
    struct outstanding outstanding = outstanding_of(0, 5);
    outstanding_expire(&outstanding, start + 14 * DURATION_S);
    assert_int_equal(outstanding.recent, 5);
    outstanding_expire(&outstanding, start + 15 * DURATION_S);
    assert_int_equal(outstanding.older, 5);
    outstanding_expire(&outstanding, start + 30 * DURATION_S);
    assert_int_equal(outstanding_count(&outstanding), 0);
}

TEST(room_is_what_neither_the_most_nor_the_limit_forbids)
{
    struct outstanding outstanding = outstanding_of(1, 2);
    assert_int_equal(outstanding_room(&outstanding, 10, UINT64_MAX), 7);
    assert_int_equal(outstanding_room(&outstanding, 10, 5), 2);
    assert_int_equal(outstanding_room(&outstanding, 3, UINT64_MAX), 0);
    assert_int_equal(outstanding_room(&outstanding, 2, 1), 0);
    assert_int_equal(outstanding_room(&outstanding, 0, 0), 0);
}

TEST(without_requests_the_server_may_be_silent)
{
    struct outstanding outstanding = outstanding_of(0, 0);
    assert_false(outstanding_is_silent(&outstanding, start + DURATION_HOUR));
    outstanding_add(&outstanding, 1, start);
    assert_false(outstanding_is_silent(&outstanding, start + 7 * DURATION_S));
    assert_true(outstanding_is_silent(&outstanding, start + 8 * DURATION_S));
}
