#include "base/terminal.h"

#include "unit.h"

#include <fcntl.h>
#include <pty.h>
#include <unistd.h>

static void set(const char *name, const char *value)
{
    if (value)
        setenv(name, value, 1);
    else
        unsetenv(name);
}

TEST(the_locale_says_whether_it_shows_utf8)
{
    static const struct {
        const char *all, *type, *lang, *term;
        bool expected;
    } rows[] = {
        {NULL, NULL, NULL, "xterm", false},
        {NULL, NULL, "C.UTF-8", "xterm", true},
        {NULL, NULL, "de_DE.utf8", "xterm", true},
        {NULL, NULL, "C.UTF-8", "linux", false},
        {"C", NULL, "C.UTF-8", "xterm", false},
        {NULL, "en_GB.ISO-8859-1", "C.UTF-8", "xterm", false},
        {"", "C.UTF-8", "C", "xterm", true},
        {NULL, NULL, "C.UTF-8", NULL, true},
    };
    FOR_EACH (row, rows) {
        set("LC_ALL", row->all);
        set("LC_CTYPE", row->type);
        set("LANG", row->lang);
        set("TERM", row->term);
        if (terminal_is_utf8() != row->expected)
            fail_msg("row %zu", (size_t)(row - rows));
    }
}

static int open_terminal(unsigned short columns, unsigned short lines, int *other)
{
    struct winsize size = {.ws_col = columns, .ws_row = lines};
    int terminal;
    assert_int_equal(openpty(other, &terminal, NULL, NULL, &size), 0);
    return terminal;
}

TEST(colour_needs_a_terminal_that_can_draw)
{
    static const struct {
        const char *term, *no_color;
        bool can_draw, has_colour;
    } rows[] = {
        {"xterm", NULL, true, true},  {"xterm", "", true, true},  {"xterm", "1", true, false},
        {"dumb", NULL, false, false}, {NULL, NULL, false, false},
    };
    int other, terminal = open_terminal(60, 20, &other), file = open("/dev/null", O_RDWR);
    FOR_EACH (row, rows) {
        set("TERM", row->term);
        set("NO_COLOR", row->no_color);
        assert_int_equal(terminal_can_draw(terminal), row->can_draw);
        assert_int_equal(terminal_has_colour(terminal), row->has_colour);
        assert_false(terminal_can_draw(file) || terminal_has_colour(file));
    }
    close(file);
    close(terminal);
    close(other);
}

static void assert_size(int fd, size_t columns, size_t lines)
{
    struct terminal_size size = terminal_size(fd);
    assert_int_equal(size.columns, columns);
    assert_int_equal(size.lines, lines);
}

TEST(the_size_comes_from_the_environment_or_the_terminal)
{
    int other, sized = open_terminal(60, 20, &other), other_one,
               unsized = open_terminal(0, 0, &other_one);
    set("COLUMNS", NULL);
    set("LINES", "no number");
    assert_size(sized, 60, 20);
    assert_size(unsized, 80, 24);
    set("COLUMNS", "100");
    set("LINES", "0");
    assert_size(sized, 100, 20);
    assert_size(unsized, 100, 24);
    close(sized);
    close(other);
    close(unsized);
    close(other_one);
}
