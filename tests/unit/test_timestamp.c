#include "base/timestamp.h"

#include "parsed_ns.h"

#include <time.h>

#define S INT64_C(1000000000)

TEST(parses_timestamps)
{
    static const struct parsed_ns rows[] = {
        {"1970-01-01T00:00:00Z", 0},
        {"1970-01-01T00:00:00.000000001Z", 1},
        {"2026-11-24T23:10:56.123456789Z", 1795561856 * S + 123456789},
        {"2026-11-24T23:10:56.1Z", 1795561856 * S + 100000000},
        {"2026-11-24T23:10:56.010Z", 1795561856 * S + 10000000},
        {"2026-11-24T23:10:56Z", 1795561856 * S},
        {"2026-11-25T00:10:56+01:00", 1795561856 * S},
        {"2026-11-24T17:40:56.5-05:30", 1795561856 * S + 500000000},
        {"2026-11-24T23:10:56+00:00", 1795561856 * S},
        {"2026-11-24T23:10:56-00:00", 1795561856 * S},
        {"1970-01-01T00:00:00.5+01:00", -3600 * S + 500000000},
        {"2024-02-29T00:00:00Z", 1709164800 * S},
        {"2261-12-31T23:59:59.999999999Z", INT64_C(9214646399999999999)},
    };
    FOR_EACH (row, rows)
        assert_parsed(timestamp_parse, row);
}

TEST(refuses_what_is_no_timestamp)
{
    static const char *const texts[] = {
        "",
        "2026",
        "2026-11-24",
        "2026-11-24T23:10:56",
        "2026-11-24 23:10:56Z",
        "2026-11-24t23:10:56Z",
        "2026-11-24T23:10:56z",
        "2026-11-24T23:10:56.Z",
        "2026-11-24T23:10:56.1234567890Z",
        "2026-11-24T23:10:56,5Z",
        "2026-11-24T23:10:56Z ",
        " 2026-11-24T23:10:56Z",
        "2026-11-24T23:10:56Zx",
        "2026-11-24T23:10:56+1:00",
        "2026-11-24T23:10:56+01",
        "2026-11-24T23:10:56+0100",
        "2026-11-24T23:10:56+24:00",
        "2026-11-24T23:10:56+01:60",
        "2026-11-24T23:10:56+01:00Z",
        "2026-00-24T23:10:56Z",
        "2026-13-24T23:10:56Z",
        "2026-11-00T23:10:56Z",
        "2026-11-32T23:10:56Z",
        "2026-11-31T23:10:56Z",
        "2026-02-29T23:10:56Z",
        "2100-02-29T23:10:56Z",
        "2026-11-24T24:10:56Z",
        "2026-11-24T23:60:56Z",
        "2026-11-24T23:10:61Z",
        "1969-12-31T23:59:59Z",
        "2262-01-01T00:00:00Z",
        "9999-12-31T23:59:59Z",
        "0001-01-01T00:00:00Z",
        "-026-11-24T23:10:56Z",
        "+026-11-24T23:10:56Z",
        "20261-1-24T23:10:56Z",
        "2026-1-24T23:10:56Z",
    };
    FOR_EACH (text, texts)
        assert_not_parsed(timestamp_parse, *text);
}

TEST(refuses_a_timestamp_that_is_cut)
{
    static const char whole[] = "2026-11-24T23:10:56.123456789+01:00";
    for (size_t length = 0; length < sizeof whole - 1; length++) {
        int64_t ns;
        char *cut = strndup(whole, length);
        bool is_read = timestamp_parse(cut, &ns);
        free(cut);
        assert_false(is_read);
    }
}

TEST(formats_timestamps)
{
    static const struct {
        int64_t ns;
        int decimals;
        const char *text;
    } rows[] = {
        {0, 0, "1970-01-01T00:00:00Z"},
        {0, 9, "1970-01-01T00:00:00.000000000Z"},
        {1, 9, "1970-01-01T00:00:00.000000001Z"},
        {-1, 9, "1969-12-31T23:59:59.999999999Z"},
        {-S, 0, "1969-12-31T23:59:59Z"},
        {1795561856 * S + 123956789, 3, "2026-11-24T23:10:56.123Z"},
        {1795561856 * S + 999999999, 0, "2026-11-24T23:10:56Z"},
        {1795561856 * S + 5, 1, "2026-11-24T23:10:56.0Z"},
        {INT64_MAX, 9, "2262-04-11T23:47:16.854775807Z"},
        {INT64_MIN, 9, "1677-09-21T00:12:43.145224192Z"},
    };
    char text[TIMESTAMP_TEXT_MAX];
    FOR_EACH (row, rows)
        assert_string_equal(timestamp_format(row->ns, row->decimals, text), row->text);
}

TEST(parses_what_it_formats)
{
    char text[TIMESTAMP_TEXT_MAX];
    for (int64_t ns = 1; ns < INT64_C(9214646400000000000) / 3; ns = ns * 3 + 7) {
        int64_t read = -1;
        assert_true(timestamp_parse(timestamp_format(ns, 9, text), &read));
        assert_int_equal(read, ns);
    }
}

TEST(the_time_zone_does_not_matter)
{
    char text[TIMESTAMP_TEXT_MAX];
    int64_t ns = -1;
    setenv("TZ", "America/St_Johns", 1);
    tzset();
    assert_string_equal(timestamp_format(0, 0, text), "1970-01-01T00:00:00Z");
    assert_true(timestamp_parse("2026-07-01T12:00:00Z", &ns));
    assert_string_equal(timestamp_format(ns, 0, text), "2026-07-01T12:00:00Z");
    unsetenv("TZ");
    tzset();
}

TEST(now_is_the_time_of_the_system)
{
    assert_true(timestamp_now() / S - (int64_t)time(NULL) <= 1);
    assert_true(timestamp_now() > 1704067200 * S); /* 2024 */
}
