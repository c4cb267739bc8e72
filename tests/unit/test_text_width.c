#include "base/text_width.h"

#include "unit.h"

static const struct {
    const char *text;
    size_t width;
} cases[] = {
    {"", 0},         {"abc", 3}, {"Zürich", 6}, {"e\u0301", 1}, {"日本", 4}, {"한국", 4},
    {"ｆｕｌｌ", 8}, {"🔥", 2},   {"a…", 2},     {"Привет", 6},  {"→", 1},
};

TEST(a_text_has_the_width_that_a_terminal_gives_it)
{
    FOR_EACH (each, cases)
        if (text_width(each->text) != each->width)
            fail_msg("'%s' has width %zu, not %zu", each->text, text_width(each->text),
                     each->width);
}

TEST(a_text_is_cut_between_characters)
{
    assert_int_equal(text_fit("abc", 2), 2);
    assert_int_equal(text_fit("abc", 9), 3);
    assert_int_equal(text_fit("日本", 3), strlen("日"));
    assert_int_equal(text_fit("日本", 1), 0);
    assert_int_equal(text_fit("e\u0301x", 1), strlen("e\u0301"));
    assert_int_equal(text_fit("ü", 0), 0);
}
