#include "tables/table_layout.h"

#include "unit.h"

/* As `list` has them: number, state, age, subject, tries, reason and error. */
enum { COLUMNS = 7 };
static const struct table_column columns[COLUMNS] = {
    {.natural = 6, .enough = SIZE_MAX, .least = 6},
    {.natural = 7, .enough = SIZE_MAX, .least = 7, .drop = 2},
    {.natural = 5, .enough = SIZE_MAX, .least = 5},
    {.natural = 32, .enough = 20, .least = 8, .drop = 1},
    {.natural = 5, .enough = SIZE_MAX, .least = 5, .drop = 3},
    {.natural = 14, .enough = 16, .least = 6},
    {.natural = 80, .enough = 32, .least = 0},
};

static const struct {
    size_t screen, widths[COLUMNS];
} cases[] = {
    /* everything, the last column to the edge */
    {200, {6, 7, 5, 32, 5, 14, 125}},
    {155, {6, 7, 5, 32, 5, 14, 80}},
    /* the error is cut */
    {120, {6, 7, 5, 32, 5, 14, 45}},
    /* so is the subject */
    {100, {6, 7, 5, 25, 5, 14, 32}},
    {95, {6, 7, 5, 20, 5, 14, 32}},
    /* tries, state and subject are left out in turn */
    {94, {6, 7, 5, 25, 0, 14, 32}},
    {88, {6, 0, 5, 27, 0, 14, 32}},
    {80, {6, 0, 5, 0, 0, 14, 52}},
    {60, {6, 0, 5, 0, 0, 14, 32}},
    /* then the error is cut further, then the reason, then the error vanishes */
    {50, {6, 0, 5, 0, 0, 14, 22}},
    {40, {6, 0, 5, 0, 0, 13, 13}},
    {30, {6, 0, 5, 0, 0, 8, 8}},
    {24, {6, 0, 5, 0, 0, 6, 4}},
    {20, {6, 0, 5, 0, 0, 7, 0}},
    {1, {6, 0, 5, 0, 0, 6, 0}},
};

TEST(columns_are_left_out_before_the_last_is_cut)
{
    FOR_EACH (each, cases) {
        struct table_column result[COLUMNS];
        memcpy(result, columns, sizeof result);
        table_layout(result, COLUMNS, each->screen);
        for (size_t i = 0; i < COLUMNS; i++)
            if (result[i].width != each->widths[i])
                fail_msg("at %zu: column %zu has width %zu, not %zu", each->screen, i,
                         result[i].width, each->widths[i]);
    }
}

TEST(a_table_is_never_wider_than_the_terminal_that_has_room_for_what_is_not_cut)
{
    for (size_t screen = 19; screen < 300; screen++) {
        struct table_column result[COLUMNS];
        size_t width = 0;
        memcpy(result, columns, sizeof result);
        table_layout(result, COLUMNS, screen);
        for (size_t i = 0; i < COLUMNS; i++)
            width += result[i].width ? result[i].width + (width > 0) : 0;
        if (width > screen)
            fail_msg("at %zu the table takes %zu", screen, width);
    }
}

TEST(a_short_last_column_is_not_cut_later)
{
    struct table_column result[] = {{.natural = 3, .enough = SIZE_MAX, .least = 3},
                                    {.natural = 6, .enough = 40, .least = 0}};
    table_layout(result, 2, 80);
    assert_int_equal(result[1].width, 76);
}
