#include "handler/kill_schedule.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

enum { BEGAN = 1000, TIMEOUT = 100, GRACE = 30, KILL_AFTER = 10, LOOKS = 4 };

/* What is due at each look, of a run that began at 1000. */
static const struct {
    const char *name;
    int64_t timeout;
    struct {
        int64_t at;
        bool stop;
        enum ladder_step step;
        int64_t next;
    } looks[LOOKS];
    bool timed_out, stopped;
} rows[] = {
    {"nothing ends it",
     0,
     {{1000, false, LADDER_STAY, INT64_MAX}, {INT64_MAX - 1, false, LADDER_STAY, INT64_MAX}},
     false,
     false},
    {"a timeout, and it does not end",
     TIMEOUT,
     {{1099, false, LADDER_STAY, 1100},
      {1100, false, LADDER_TERMINATE, 1110},
      {1109, false, LADDER_STAY, 1110},
      {1110, false, LADDER_KILL, INT64_MAX}},
     true,
     false},
    {"each step once",
     TIMEOUT,
     {{1100, false, LADDER_TERMINATE, 1110},
      {1200, false, LADDER_KILL, INT64_MAX},
      {1300, false, LADDER_STAY, INT64_MAX}},
     true,
     false},
    {"a stop, with its grace",
     0,
     {{1010, true, LADDER_STAY, 1040},
      {1039, true, LADDER_STAY, 1040},
      {1040, true, LADDER_TERMINATE, 1050},
      {1050, true, LADDER_KILL, INT64_MAX}},
     false,
     true},
    {"a timeout within the grace",
     TIMEOUT,
     {{1090, true, LADDER_STAY, 1100}, {1100, true, LADDER_TERMINATE, 1110}},
     true,
     false},
    {"the grace ends before the timeout",
     TIMEOUT,
     {{1000, true, LADDER_STAY, 1030}, {1030, true, LADDER_TERMINATE, 1040}},
     false,
     true},
    {"a stop after the timeout changes nothing",
     TIMEOUT,
     {{1100, false, LADDER_TERMINATE, 1110},
      {1105, true, LADDER_STAY, 1110},
      {1110, true, LADDER_KILL, INT64_MAX}},
     true,
     false},
};

static void test_table(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct ladder ladder;
        ladder_begin(&ladder, BEGAN, rows[i].timeout, GRACE, KILL_AFTER);
        for (int look = 0; look < LOOKS && rows[i].looks[look].at; look++) {
            enum ladder_step step =
                ladder_climb(&ladder, rows[i].looks[look].at, rows[i].looks[look].stop);
            if (step != rows[i].looks[look].step ||
                ladder_next(&ladder) != rows[i].looks[look].next)
                fail_msg("%s, look %d: step %d, next %ld", rows[i].name, look, step,
                         (long)ladder_next(&ladder));
        }
        if (ladder.timed_out != rows[i].timed_out || ladder.stopped != rows[i].stopped)
            fail_msg("%s: timed out %d, stopped %d", rows[i].name, ladder.timed_out,
                     ladder.stopped);
    }
}

/* Its caller ends it: neither a timeout nor a stop, and SIGKILL is left. */
static void test_end(void **state)
{
    (void)state;
    struct ladder ladder;
    ladder_begin(&ladder, BEGAN, TIMEOUT, GRACE, KILL_AFTER);
    assert_false(ladder_is_ending(&ladder));
    ladder_end(&ladder, 1095);
    ladder_end(&ladder, 1099);
    assert_true(ladder_is_ending(&ladder));
    assert_int_equal(ladder_next(&ladder), 1105);
    assert_int_equal(ladder_climb(&ladder, 1104, true), LADDER_STAY);
    assert_int_equal(ladder_climb(&ladder, 1105, true), LADDER_KILL);
    assert_false(ladder.timed_out || ladder.stopped);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_table), cmocka_unit_test(test_end)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
