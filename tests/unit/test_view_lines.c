#include "watch/view_lines.h"

#include "unit.h"

static struct view_lines lines; /* large */

static void begin(size_t columns, size_t most)
{
    lines.columns = columns;
    lines.most = most;
    lines.n = 0;
}

TEST(a_line_is_cut_to_the_width)
{
    static const struct {
        size_t columns;
        const char *text, *expected;
    } rows[] = {
        {10, "0123456789", "0123456789"},
        {10, "0123456789a", "0123456789"},
        {5, "1234 67", "1234"},
        {3, "äöüß", "äöü"},
        {3, "日本", "日"},
        {0, "x", ""},
    };
    FOR_EACH (row, rows) {
        begin(row->columns, 24);
        view_lines_add(&lines, TONE_PLAIN, "%s", row->text);
        assert_string_equal(lines.line[0].text, row->expected);
    }
}

TEST(pieces_that_do_not_fit_are_left_out)
{
    static const char *const pieces[] = {"12345", "", "678", "90", NULL};
    static const struct {
        size_t columns;
        const char *expected;
    } rows[] = {{10, "1234567890"}, {9, "12345678"}, {8, "12345678"}, {7, "12345"}, {3, "123"}};
    FOR_EACH (row, rows) {
        begin(row->columns, 24);
        view_lines_add_pieces(&lines, TONE_PLAIN, pieces);
        assert_string_equal(lines.line[0].text, row->expected);
    }
}

TEST(no_more_lines_are_added_than_fit)
{
    begin(80, 3);
    for (int i = 0; i < 5; i++)
        view_lines_add(&lines, TONE_PLAIN, "%d", i);
    assert_int_equal(lines.n, 3);
    begin(80, 2 * VIEW_LINES_MAX);
    for (int i = 0; i < 2 * VIEW_LINES_MAX; i++)
        view_lines_add(&lines, TONE_PLAIN, "%d", i);
    assert_int_equal(lines.n, VIEW_LINES_MAX);
}

TEST(a_gap_needs_spare_lines)
{
    begin(80, 3);
    view_lines_gap(&lines, 3);
    assert_int_equal(lines.n, 0);
    view_lines_gap(&lines, 2);
    assert_int_equal(lines.n, 1);
}

static void assert_drawn(bool colour, const char *expected)
{
    struct buffer bytes = {0};
    view_lines_draw(&lines, colour, &bytes);
    buffer_add(&bytes, "", 1);
    assert_string_equal(bytes.bytes, expected);
    buffer_release(&bytes);
}

TEST(a_full_terminal_does_not_scroll)
{
    begin(80, 2);
    view_lines_add(&lines, TONE_HEAD, "one");
    view_lines_add(&lines, TONE_PLAIN, "two");
    assert_drawn(true, "\x1b[H\x1b[K\x1b[1mone\x1b[0m\r\n\x1b[Ktwo");
    assert_drawn(false, "\x1b[H\x1b[Kone\r\n\x1b[Ktwo");
    lines.most = 3; /* what is below is cleared */
    assert_drawn(false, "\x1b[H\x1b[Kone\r\n\x1b[Ktwo\r\n\x1b[J");
}
