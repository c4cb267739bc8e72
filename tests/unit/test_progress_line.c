#include "letters/progress_line.h"

#include "base/duration.h"

#include "unit.h"

static const struct {
    const char *what;
    struct progress_share share;
    size_t columns;
    const char *line;
} cases[] = {
    {"12 retried", {0}, 80, "12 retried"},
    {"12 retried", {12, 0, DURATION_S}, 80, "12 retried"},
    {"450 retried",
     {450, 1000, 90 * DURATION_S},
     100,
     "450 retried [=============>                ] 45%, 1m50s to go"},
    {"450 retried",
     {450, 1000, 90 * DURATION_S},
     45,
     "450 retried [======>       ] 45%, 1m50s to go"},
    {"450 retried", {450, 1000, 90 * DURATION_S}, 39, "450 retried [===>    ] 45%, 1m50s to go"},
    {"450 retried", {450, 1000, 90 * DURATION_S}, 38, "450 retried 45%, 1m50s to go"},
    {"450 retried", {450, 1000, 90 * DURATION_S}, 27, "450 retried"},
    {"450 retried", {450, 1000, 90 * DURATION_S}, 6, "450 re"},
    {"0 held", {0, 10, 5 * DURATION_S}, 40, "0 held [>                           ] 0%"},
    {"10 held", {10, 10, 5 * DURATION_S}, 40, "10 held [=========================] 100%"},
    {"12 held", {12, 10, 5 * DURATION_S}, 40, "12 held [=========================] 100%"},
    {"1 held", {1, 1000, DURATION_S}, 31, "1 held [>                  ] 0%"},
    {"1 held", {1, 3, DURATION_S}, 31, "1 held [==>     ] 33%, 2s to go"},
};

TEST(the_line_has_what_there_is_room_for)
{
    FOR_EACH (each, cases) {
        char text[PROGRESS_LINE_MAX];
        progress_line(each->what, &each->share, each->columns, text);
        if (strcmp(text, each->line) != 0)
            fail_msg("'%s', not '%s'", text, each->line);
    }
}

TEST(the_line_is_never_wider_than_the_terminal)
{
    for (size_t columns = 1; columns < 200; columns++)
        for (uint64_t done = 0; done <= 110; done += 10) {
            char text[PROGRESS_LINE_MAX];
            const struct progress_share share = {done, 100, 1000 * DURATION_HOUR};
            progress_line("12345 of 12345678 retried, 99 left", &share, columns, text);
            if (strlen(text) > columns)
                fail_msg("%zu: '%s'", columns, text);
        }
}
