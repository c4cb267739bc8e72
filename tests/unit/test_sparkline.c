#include "watch/sparkline.h"

#include "unit.h"

#include <math.h>

static const struct row {
    double values[8];
    size_t n, shown;
    const char *blocks, *ascii;
    double peak;
} rows[] = {
    {{0}, 0, 8, "", "", 0},
    {{0, 0}, 2, 8, "▁▁", "__", 0},
    {{1}, 1, 8, "█", "@", 1},
    {{0, 1, 2, 3, 4, 5, 6}, 7, 8, "▁▃▄▅▆▇█", "_-=+*#@", 6},
    /* a little is not nothing */
    {{1000, 0.01, 0}, 3, 8, "█▂▁", "@._", 1000},
    /* not known */
    {{-1, 2, -1}, 3, 8, " █ ", " @ ", 2},
    /* the latest that fit, and their peak */
    {{1000, 1, 2}, 3, 2, "▅█", "+@", 2},
    {{1000, 1, 2}, 3, 0, "", "", 0},
};

TEST(the_highest_of_the_latest_values_is_the_highest_bar)
{
    char text[SPARKLINE_TEXT_MAX];
    FOR_EACH (row, rows) {
        struct sparkline line = {0};
        for (size_t i = 0; i < row->n; i++)
            sparkline_add(&line, row->values[i]);
        assert_string_equal(sparkline_text(&line, row->shown, true, text), row->blocks);
        assert_string_equal(sparkline_text(&line, row->shown, false, text), row->ascii);
        assert_true(fabs(sparkline_peak(&line, row->shown) - row->peak) < 0.001);
    }
}

TEST(the_oldest_value_is_dropped)
{
    struct sparkline line = {0};
    char text[SPARKLINE_TEXT_MAX];
    sparkline_add(&line, 9);
    for (size_t i = 0; i < SPARKLINE_VALUES; i++)
        sparkline_add(&line, 1);
    assert_int_equal(line.n, SPARKLINE_VALUES);
    sparkline_text(&line, SIZE_MAX, true, text);
    assert_int_equal(strlen(text), SPARKLINE_TEXT_MAX - 1);
    assert_true(sparkline_peak(&line, SIZE_MAX) < 2);
}
