#include "base/clock.h"
#include "base/duration.h"

#include "parsed_ns.h"

static const int64_t century = 100 * 365 * 24 * DURATION_HOUR;

TEST(parses_durations)
{
    static const struct parsed_ns rows[] = {
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
    FOR_EACH (row, rows)
        assert_parsed(duration_parse, row);
}

TEST(refuses_what_is_no_duration)
{
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
    FOR_EACH (text, texts)
        assert_not_parsed(duration_parse, *text);
}

/* A number with hundreds of digits must not overflow into a negative one. */
TEST(refuses_numbers_that_are_too_long)
{
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
    FOR_EACH (row, rows) {
        char digits[701];
        memset(digits, row->digit, sizeof digits - 1);
        digits[sizeof digits - 1] = '\0';
        snprintf(text, sizeof text, "%s%s%s", row->before, digits, row->after);
        int64_t ns = -1;
        bool is_read = duration_parse(text, &ns);
        if (row->least > row->most)
            assert_false(is_read);
        else if (!is_read || ns < row->least || ns > row->most)
            fail_msg("%s%c%c%c… gives %" PRId64, row->before, row->digit, row->digit, row->digit,
                     ns);
    }
}

struct formatted {
    int64_t ns;
    const char *text;
};

static void assert_formats(const char *(*format)(int64_t, char *), const struct formatted *rows,
                           size_t n)
{
    char text[DURATION_TEXT_MAX];
    for (size_t i = 0; i < n; i++)
        assert_string_equal(format(rows[i].ns, text), rows[i].text);
}

TEST(formats_durations)
{
    static const struct formatted rows[] = {
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
    assert_formats(duration_format, rows, sizeof rows / sizeof *rows);
}

TEST(an_age_has_at_most_two_units)
{
    static const struct formatted rows[] = {
        {0, "0s"},
        {-1, "0s"},
        {INT64_MIN, "0s"},
        {999 * DURATION_MS, "0s"},
        {DURATION_S, "1s"},
        {59 * DURATION_S + 999 * DURATION_MS, "59s"},
        {DURATION_MINUTE, "1m"},
        {5 * DURATION_MINUTE + 12 * DURATION_S, "5m12s"},
        {10 * DURATION_MINUTE + 59 * DURATION_S, "10m"},
        {DURATION_HOUR - 1, "59m"},
        {3 * DURATION_HOUR + 5 * DURATION_MINUTE + 7 * DURATION_S, "3h5m"},
        {17 * DURATION_HOUR + 59 * DURATION_MINUTE, "17h"},
        {24 * DURATION_HOUR, "1d"},
        {76 * DURATION_HOUR, "3d4h"},
        {1000 * DURATION_HOUR, "41d"},
        {INT64_MAX, "106751d"},
    };
    assert_formats(duration_age_text, rows, sizeof rows / sizeof *rows);
}

static void assert_round_trip(int64_t ns)
{
    char text[DURATION_TEXT_MAX];
    int64_t read = -1;
    if (!duration_parse(duration_format(ns, text), &read) || read != ns)
        fail_msg("%" PRId64 " is written as %s and read as %" PRId64, ns, text, read);
}

TEST(parses_what_it_formats)
{
    for (int64_t ns = 1; ns < century; ns = ns * 3 + 1) {
        assert_round_trip(ns - 1);
        assert_round_trip(ns);
        assert_round_trip(ns + 1);
    }
    assert_round_trip(century);
    assert_round_trip(century - 1);
}

TEST(the_clock_never_goes_back)
{
    int64_t before = clock_now();
    assert_true(before > 0);
    assert_true(clock_now() >= before);
}
