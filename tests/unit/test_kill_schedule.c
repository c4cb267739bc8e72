#include "handler/kill_schedule.h"

#include "unit.h"

enum { BEGAN = 1000, TIMEOUT = 100, GRACE = 30, KILL_AFTER = 10, LOOKS = 4 };

/* What is due at each check of a run that began at 1000. */
static const struct {
    const char *name;
    int64_t timeout;
    struct {
        int64_t at;
        bool stop;
        enum kill_step step;
        int64_t next;
    } looks[LOOKS];
    bool timed_out, stopped;
} rows[] = {
    {"nothing ends it",
     0,
     {{1000, false, KILL_NOT_YET, INT64_MAX}, {INT64_MAX - 1, false, KILL_NOT_YET, INT64_MAX}},
     false,
     false},
    {"a timeout, and it does not end",
     TIMEOUT,
     {{1099, false, KILL_NOT_YET, 1100},
      {1100, false, KILL_SIGTERM, 1110},
      {1109, false, KILL_NOT_YET, 1110},
      {1110, false, KILL_SIGKILL, INT64_MAX}},
     true,
     false},
    {"each step once",
     TIMEOUT,
     {{1100, false, KILL_SIGTERM, 1110},
      {1200, false, KILL_SIGKILL, INT64_MAX},
      {1300, false, KILL_NOT_YET, INT64_MAX}},
     true,
     false},
    {"a stop, with its grace",
     0,
     {{1010, true, KILL_NOT_YET, 1040},
      {1039, true, KILL_NOT_YET, 1040},
      {1040, true, KILL_SIGTERM, 1050},
      {1050, true, KILL_SIGKILL, INT64_MAX}},
     false,
     true},
    {"a timeout within the grace",
     TIMEOUT,
     {{1090, true, KILL_NOT_YET, 1100}, {1100, true, KILL_SIGTERM, 1110}},
     true,
     false},
    {"the grace ends before the timeout",
     TIMEOUT,
     {{1000, true, KILL_NOT_YET, 1030}, {1030, true, KILL_SIGTERM, 1040}},
     false,
     true},
    {"a stop after the timeout changes nothing",
     TIMEOUT,
     {{1100, false, KILL_SIGTERM, 1110},
      {1105, true, KILL_NOT_YET, 1110},
      {1110, true, KILL_SIGKILL, INT64_MAX}},
     true,
     false},
};

TEST(each_step_is_due_in_its_time)
{
    FOR_EACH (row, rows) {
        struct kill_schedule schedule;
        kill_schedule_begin(&schedule, BEGAN, row->timeout, GRACE, KILL_AFTER);
        for (int look = 0; look < LOOKS && row->looks[look].at; look++) {
            enum kill_step step =
                kill_schedule_due(&schedule, row->looks[look].at, row->looks[look].stop);
            if (step != row->looks[look].step ||
                kill_schedule_next(&schedule) != row->looks[look].next)
                fail_msg("%s, look %d: step %d, next %ld", row->name, look, step,
                         (long)kill_schedule_next(&schedule));
        }
        if (schedule.timed_out != row->timed_out || schedule.stopped != row->stopped)
            fail_msg("%s: timed out %d, stopped %d", row->name, schedule.timed_out,
                     schedule.stopped);
    }
}

/* That is neither a timeout nor a stop; only SIGKILL remains. */
TEST(a_caller_can_end_the_run)
{
    struct kill_schedule schedule;
    kill_schedule_begin(&schedule, BEGAN, TIMEOUT, GRACE, KILL_AFTER);
    assert_false(kill_schedule_is_terminating(&schedule));
    kill_schedule_await_exit(&schedule, 1095);
    kill_schedule_await_exit(&schedule, 1099);
    assert_true(kill_schedule_is_terminating(&schedule));
    assert_int_equal(kill_schedule_next(&schedule), 1105);
    assert_int_equal(kill_schedule_due(&schedule, 1104, true), KILL_NOT_YET);
    assert_int_equal(kill_schedule_due(&schedule, 1105, true), KILL_SIGKILL);
    assert_false(schedule.timed_out || schedule.stopped);
}
