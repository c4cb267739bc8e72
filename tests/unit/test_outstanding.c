#include "base/duration.h"
#include "queue/outstanding.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

static const int64_t start = 100 * DURATION_S;

static struct outstanding outstanding_of(size_t older, size_t recent)
{
    return (struct outstanding){.recent = recent, .older = older, .turned = start, .heard = start};
}

static void test_the_oldest_requests_are_met_first(void **state)
{
    (void)state;
    struct outstanding outstanding = outstanding_of(3, 5);
    outstanding_met(&outstanding, 4);
    assert_int_equal(outstanding.older, 0);
    assert_int_equal(outstanding.recent, 4);
    outstanding_met(&outstanding, SIZE_MAX);
    assert_int_equal(outstanding_count(&outstanding), 0);
}

static void test_a_request_is_forgotten_after_two_turns(void **state)
{
    (void)state;
    struct outstanding outstanding = outstanding_of(0, 5);
    outstanding_turn(&outstanding, start + 14 * DURATION_S);
    assert_int_equal(outstanding.recent, 5);
    outstanding_turn(&outstanding, start + 15 * DURATION_S);
    assert_int_equal(outstanding.older, 5);
    outstanding_turn(&outstanding, start + 30 * DURATION_S);
    assert_int_equal(outstanding_count(&outstanding), 0);
}

static void test_room_is_what_neither_the_most_nor_the_limit_forbids(void **state)
{
    (void)state;
    struct outstanding outstanding = outstanding_of(1, 2);
    assert_int_equal(outstanding_room(&outstanding, 10, UINT64_MAX), 7);
    assert_int_equal(outstanding_room(&outstanding, 10, 5), 2);
    assert_int_equal(outstanding_room(&outstanding, 3, UINT64_MAX), 0);
    assert_int_equal(outstanding_room(&outstanding, 2, 1), 0);
    assert_int_equal(outstanding_room(&outstanding, 0, 0), 0);
}

static void test_only_requests_can_be_forgotten_by_the_server(void **state)
{
    (void)state;
    struct outstanding outstanding = outstanding_of(0, 0);
    assert_false(outstanding_is_forgotten(&outstanding, start + DURATION_HOUR));
    outstanding_add(&outstanding, 1, start);
    assert_false(outstanding_is_forgotten(&outstanding, start + 7 * DURATION_S));
    assert_true(outstanding_is_forgotten(&outstanding, start + 8 * DURATION_S));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_oldest_requests_are_met_first),
        cmocka_unit_test(test_a_request_is_forgotten_after_two_turns),
        cmocka_unit_test(test_room_is_what_neither_the_most_nor_the_limit_forbids),
        cmocka_unit_test(test_only_requests_can_be_forgotten_by_the_server),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
