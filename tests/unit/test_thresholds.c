#include "thresholds.h"

#include "base/duration.h"

#include "unit.h"

static const struct {
    const char *warning, *critical;
    enum threshold which;
    int64_t value;
    enum threshold_level level;
} cases[] = {
    {NULL, NULL, THRESHOLD_HELD, 0, THRESHOLD_GOOD},
    {NULL, NULL, THRESHOLD_HELD, 1, THRESHOLD_WARNING},
    {NULL, NULL, THRESHOLD_HELD, 1000000, THRESHOLD_WARNING},
    {NULL, NULL, THRESHOLD_AGE, INT64_MAX, THRESHOLD_GOOD},
    {NULL, NULL, THRESHOLD_PENDING, INT64_MAX, THRESHOLD_GOOD},
    {NULL, NULL, THRESHOLD_QUIET, 29 * DURATION_S, THRESHOLD_GOOD},
    {NULL, NULL, THRESHOLD_QUIET, 30 * DURATION_S, THRESHOLD_WARNING},
    {NULL, NULL, THRESHOLD_QUIET, 10 * DURATION_MINUTE, THRESHOLD_CRITICAL},
    {"held=100,age=1h,waiting=10000", NULL, THRESHOLD_HELD, 99, THRESHOLD_GOOD},
    {"held=100,age=1h,waiting=10000", NULL, THRESHOLD_HELD, 100, THRESHOLD_WARNING},
    {"held=100,age=1h,waiting=10000", NULL, THRESHOLD_AGE, DURATION_HOUR, THRESHOLD_WARNING},
    {"held=100,age=1h,waiting=10000", NULL, THRESHOLD_WAITING, 10000, THRESHOLD_WARNING},
    {"held=0", NULL, THRESHOLD_HELD, 0, THRESHOLD_WARNING},
    {"held=5", "held=5", THRESHOLD_HELD, 5, THRESHOLD_CRITICAL},
    {NULL, "pending=7", THRESHOLD_PENDING, 6, THRESHOLD_GOOD},
    {NULL, "pending=7", THRESHOLD_PENDING, 7, THRESHOLD_CRITICAL},
    {"quiet=1h", NULL, THRESHOLD_QUIET, 11 * DURATION_MINUTE, THRESHOLD_GOOD},
    {"quiet=1h", NULL, THRESHOLD_QUIET, DURATION_HOUR, THRESHOLD_CRITICAL},
    {NULL, "quiet=5s", THRESHOLD_QUIET, 5 * DURATION_S, THRESHOLD_CRITICAL},
    {NULL, "quiet=5s", THRESHOLD_QUIET, 4 * DURATION_S, THRESHOLD_GOOD},
};

TEST(a_value_is_judged)
{
    FOR_EACH (each, cases) {
        struct thresholds thresholds = {each->warning, each->critical, {0}, {0}};
        struct error error = {0};
        assert_int_equal(thresholds_parse(&thresholds, &error), 0);
        assert_int_equal(threshold_level(&thresholds, each->which, each->value), each->level);
    }
}

static const struct {
    const char *warning, *critical, *says;
} bad[] = {
    {"", NULL, "--warn takes held=N, waiting=N, pending=N, age=D and quiet=D"},
    {"held", NULL, "not 'held'"},
    {"hold=1", NULL, "not 'hold=1'"},
    {NULL, "=1", "--critical takes held=N"},
    {"held=1,", NULL, "not ''"},
    {"held=many", NULL, "'held' takes a whole number, not 'many'"},
    {"held=-1", NULL, "not '-1'"},
    {"held=", NULL, "not ''"},
    {"age=100", NULL, "'age' takes a duration"},
    {NULL, "age=1x", "'age' takes a duration"},
    {"held=1,held=2", NULL, "'held' twice"},
    {"age=1h", "age=59m", "--critical age is below --warn age"},
};

TEST(what_is_wrong_is_named)
{
    FOR_EACH (each, bad) {
        struct thresholds thresholds = {each->warning, each->critical, {0}, {0}};
        struct error error = {0};
        assert_int_equal(thresholds_parse(&thresholds, &error), -1);
        assert_int_equal(error.exit_code, EX_USAGE);
        if (!strstr(error.text, each->says))
            fail_msg("'%s' is not in '%s'", each->says, error.text);
    }
}
