#include "base/decimal.h"

#include "unit.h"

static const struct {
    uint64_t number;
    const char *digits;
} numbers[] = {{0, "0"},
               {7, "7"},
               {10, "10"},
               {1234567890, "1234567890"},
               {UINT64_MAX, "18446744073709551615"}};

TEST(writes_numbers)
{
    FOR_EACH (each, numbers) {
        char text[24];
        assert_ptr_equal(decimal_write(text, each->number), text + strlen(each->digits));
        assert_string_equal(text, each->digits);
    }
}

TEST(parses_numbers)
{
    uint64_t number;
    FOR_EACH (each, numbers) {
        assert_true(decimal_parse(each->digits, &number));
        assert_true(number == each->number);
    }
    assert_true(decimal_parse("007", &number));
    assert_int_equal(number, 7);
}

TEST(refuses_what_is_no_number)
{
    static const char *const texts[] = {NULL, "",    "-1",  "+1",   " 1",
                                        "1 ", "1.5", "0x1", "12kB", "18446744073709551616"};
    uint64_t number;
    FOR_EACH (text, texts)
        assert_false(decimal_parse(*text, &number));
}

TEST(scans_to_the_first_other_character)
{
    const char *at = "12-34";
    uint64_t number;
    assert_true(decimal_scan(&at, &number));
    assert_int_equal(number, 12);
    assert_string_equal(at, "-34");
    assert_false(decimal_scan(&at, &number));
}
