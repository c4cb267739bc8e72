#include "base/duration.h"
#include "queue/outstanding.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

static const int64_t start = 100 * DURATION_S;

static struct asked asked_of(size_t older, size_t recent)
{
    return (struct asked){.recent = recent, .older = older, .turned = start, .heard = start};
}

static void test_the_oldest_requests_are_met_first(void **state)
{
    (void)state;
    struct asked asked = asked_of(3, 5);
    asked_met(&asked, 4);
    assert_int_equal(asked.older, 0);
    assert_int_equal(asked.recent, 4);
    asked_met(&asked, SIZE_MAX);
    assert_int_equal(asked_count(&asked), 0);
}

static void test_a_request_is_forgotten_after_two_turns(void **state)
{
    (void)state;
    struct asked asked = asked_of(0, 5);
    asked_turn(&asked, start + 14 * DURATION_S);
    assert_int_equal(asked.recent, 5);
    asked_turn(&asked, start + 15 * DURATION_S);
    assert_int_equal(asked.older, 5);
    asked_turn(&asked, start + 30 * DURATION_S);
    assert_int_equal(asked_count(&asked), 0);
}

static void test_room_is_what_neither_the_most_nor_the_limit_forbids(void **state)
{
    (void)state;
    struct asked asked = asked_of(1, 2);
    assert_int_equal(asked_room(&asked, 10, UINT64_MAX), 7);
    assert_int_equal(asked_room(&asked, 10, 5), 2);
    assert_int_equal(asked_room(&asked, 3, UINT64_MAX), 0);
    assert_int_equal(asked_room(&asked, 2, 1), 0);
    assert_int_equal(asked_room(&asked, 0, 0), 0);
}

static void test_only_requests_can_be_forgotten_by_the_server(void **state)
{
    (void)state;
    struct asked asked = asked_of(0, 0);
    assert_false(asked_is_forgotten(&asked, start + DURATION_HOUR));
    asked_add(&asked, 1, start);
    assert_false(asked_is_forgotten(&asked, start + 7 * DURATION_S));
    assert_true(asked_is_forgotten(&asked, start + 8 * DURATION_S));
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
