#include "base/terminal.h"

#include "base/decimal.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* "" when it is not set. */
static const char *variable(const char *name)
{
    const char *value = getenv(name);
    return value ? value : "";
}

bool terminal_can_draw(int fd)
{
    const char *type = variable("TERM");
    return isatty(fd) && *type && strcmp(type, "dumb") != 0;
}

bool terminal_has_colour(int fd)
{
    return terminal_can_draw(fd) && !*variable("NO_COLOR");
}

/* The first variable that is set decides (POSIX, 8.2). */
static const char *character_type(void)
{
    static const char *const names[] = {"LC_ALL", "LC_CTYPE", "LANG"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (*variable(names[i]))
            return variable(names[i]);
    return "C";
}

bool terminal_is_utf8(void)
{
    const char *locale = character_type();
    return strcmp(variable("TERM"), "linux") != 0 &&
           (strcasestr(locale, "UTF-8") || strcasestr(locale, "UTF8"));
}

static size_t number_or(const char *text, size_t otherwise)
{
    uint64_t number = 0;
    bool is_usable = decimal_scan(&text, &number) && !*text && number > 0 && number < 10000;
    return is_usable ? (size_t)number : otherwise;
}

struct terminal_size terminal_size(int fd)
{
    struct winsize window = {0};
    (void)ioctl(fd, TIOCGWINSZ, &window); /* zeros where it is no terminal */
    return (struct terminal_size){
        .columns = number_or(variable("COLUMNS"), window.ws_col ? window.ws_col : 80),
        .lines = number_or(variable("LINES"), window.ws_row ? window.ws_row : 24),
    };
}
