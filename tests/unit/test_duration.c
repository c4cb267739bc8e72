#include "base/clock.h"
#include "base/duration.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const int64_t century = 100 * 365 * 24 * DURATION_HOUR;

static void test_read(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t ns;
    } rows[] = {
        {"0", 0},
        {"0s", 0},
        {"0ns", 0},
        {"1ns", 1},
        {"1us", 1000},
        {"250ms", 250 * DURATION_MS},
        {"5s", 5 * DURATION_S},
        {"2m", 2 * DURATION_MINUTE},
        {"3h", 3 * DURATION_HOUR},
        {"7d", 7 * 24 * DURATION_HOUR},
        {"1h30m", 90 * DURATION_MINUTE},
        {"1d2h3m4s5ms6us7ns", INT64_C(93784005006007)},
        {"1.5s", 1500 * DURATION_MS},
        {"0.25h", 15 * DURATION_MINUTE},
        {"1.000000001s", DURATION_S + 1},
        {"00005s", 5 * DURATION_S},
        {"90m", 90 * DURATION_MINUTE},
        {"36500d", 100 * 365 * 24 * DURATION_HOUR},
        {"36499d23h59m59s999ms999us999ns", 100 * 365 * 24 * DURATION_HOUR - 1},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int64_t ns = -1;
        if (!duration_parse(rows[i].text, &ns) || ns != rows[i].ns)
            fail_msg("'%s' gives %" PRId64 ", not %" PRId64, rows[i].text, ns, rows[i].ns);
    }
}

static void test_refused(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",
        " ",
        "5",
        "5x",
        "s",
        "-5s",
        "+5s",
        " 5s",
        "5s ",
        "5 s",
        "1h ",
        "1h 30m",
        "5S",
        "5sec",
        "5min",
        "1,5s",
        "1.s",
        ".5s",
        "1..5s",
        "1.5.5s",
        "1e3s",
        "0x10s",
        "inf",
        "nan",
        "infs",
        "nans",
        "0x",
        "1h30",
        "1dh",
        "--5s",
        "00",
        "36501d",
        "876001h",
        "5s\n",
        "5\0s",
        "5s,1m",
        "99999999999999999999d",
        "36500d1ns",
        "\xc2\xb5s",
        "5\xc2\xb5s",
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        int64_t ns;
        if (duration_parse(texts[i], &ns))
            fail_msg("'%s' is taken as %" PRId64, texts[i], ns);
    }
}

/* A number as long as a line is no number that anybody means; it must not come out negative. */
static void test_endless_digits(void **state)
{
    (void)state;
    static const struct {
        const char *before, *after;
        char digit;
        int64_t least, most;
    } rows[] = {
        {"", "s", '9', 1, 0}, /* refused */
        {"0.", "s", '3', 333333333, 333333334},
        {"1.", "s", '0', DURATION_S, DURATION_S},
        {"", "s", '0', 0, 0},
    };
    char text[1024];
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char digits[701];
        memset(digits, rows[i].digit, sizeof digits - 1);
        digits[sizeof digits - 1] = '\0';
        snprintf(text, sizeof text, "%s%s%s", rows[i].before, digits, rows[i].after);
        int64_t ns = -1;
        bool is_read = duration_parse(text, &ns);
        if (rows[i].least > rows[i].most)
            assert_false(is_read);
        else if (!is_read || ns < rows[i].least || ns > rows[i].most)
            fail_msg("%s%c%c%c… gives %" PRId64, rows[i].before, rows[i].digit, rows[i].digit,
                     rows[i].digit, ns);
    }
}

static void test_written(void **state)
{
    (void)state;
    static const struct {
        int64_t ns;
        const char *text;
    } rows[] = {
        {0, "0s"},
        {-1, "0s"},
        {INT64_MIN, "0s"},
        {1, "1ns"},
        {250 * DURATION_MS, "250ms"},
        {5 * DURATION_S, "5s"},
        {2 * DURATION_MINUTE, "2m"},
        {90 * DURATION_MINUTE, "1h30m"},
        {24 * DURATION_HOUR, "1d"},
        {DURATION_S + 1, "1s1ns"},
        {INT64_MAX, "106751d23h47m16s854ms775us807ns"},
    };
    char text[DURATION_TEXT_MAX];
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_string_equal(duration_format(rows[i].ns, text), rows[i].text);
}

static void assert_round_trip(int64_t ns)
{
    char text[DURATION_TEXT_MAX];
    int64_t read = -1;
    if (!duration_parse(duration_format(ns, text), &read) || read != ns)
        fail_msg("%" PRId64 " is written as %s and read as %" PRId64, ns, text, read);
}

static void test_round_trip(void **state)
{
    (void)state;
    for (int64_t ns = 1; ns < century; ns = ns * 3 + 1) {
        assert_round_trip(ns - 1);
        assert_round_trip(ns);
        assert_round_trip(ns + 1);
    }
    assert_round_trip(century);
    assert_round_trip(century - 1);
}

static void test_clock_goes_on(void **state)
{
    (void)state;
    int64_t before = clock_now();
    assert_true(before > 0);
    assert_true(clock_now() >= before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_read),           cmocka_unit_test(test_refused),
        cmocka_unit_test(test_endless_digits), cmocka_unit_test(test_written),
        cmocka_unit_test(test_round_trip),     cmocka_unit_test(test_clock_goes_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
