#include "tables/comma_wrap.h"

#include "unit.h"

TEST(a_line_is_broken_at_the_last_comma_that_fits)
{
    static const struct {
        size_t columns;
        const char *text, *expected;
    } rows[] = {
        {80, "one, two, three", "one, two, three\n"},
        {15, "one, two, three", "one, two, three\n"},
        {14, "one, two, three", "one, two,\n  three\n"},
        {9, "one, two, three", "one, two,\n  three\n"},
        {8, "one, two, three", "one,\n  two,\n  three\n"},
        /* nothing fits */
        {2, "one, two, three", "one,\n  two,\n  three\n"},
        {2, "one", "one\n"},
        {2, "", "\n"},
        {SIZE_MAX, "one, two", "one, two\n"},
    };
    FOR_EACH (row, rows) {
        struct buffer lines = {0};
        comma_wrap(row->text, row->columns, 2, &lines);
        buffer_add(&lines, "", 1);
        assert_string_equal(lines.bytes, row->expected);
        buffer_release(&lines);
    }
}
