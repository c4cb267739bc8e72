#include "base/duration.h"
#include "base/stop.h"

#include "unit.h"

#include <unistd.h>

static int install(void **state)
{
    (void)state;
    struct error error = {0};
    return stop_install(&error);
}

/* First: before a stop is requested. */
TEST(a_descriptor_ends_the_wait)
{
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    assert_false(stop_wait_or(ends[0], DURATION_MS));
    assert_int_equal(write(ends[1], "x", 1), 1);
    assert_true(stop_wait_or(ends[0], -1));
    close(ends[0]);
    close(ends[1]);
}

TEST(the_first_cause_is_kept)
{
    struct error first = {0}, second = {0}, error = {0};
    assert_int_equal(stop_cause(&error), 0);
    assert_int_equal(error.exit_code, 0);
    error_set(&first, EX_NOPERM, "refused");
    error_set(&second, EX_CONFIG, "changed");
    stop_because(&first);
    stop_because(&second);
    assert_true(stop_requested());
    assert_true(stop_wait(DURATION_HOUR));
    assert_int_equal(stop_cause(&error), -1);
    assert_int_equal(error.exit_code, EX_NOPERM);
    assert_string_equal(error.text, "refused");
}

AROUND_ALL(install, NULL)
