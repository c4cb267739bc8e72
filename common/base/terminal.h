/* terminal: what the terminal behind a descriptor can show. Read at each call, since windows
 * are resized. Any thread. */
#ifndef NATSQ_TERMINAL_H
#define NATSQ_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>

struct terminal_size {
    size_t columns, lines;
};

/* Whether it is a terminal that can move its cursor (TERM is set, and not `dumb`). */
bool terminal_can_draw(int fd);

/* The same, unless NO_COLOR is set (https://no-color.org). */
bool terminal_has_colour(int fd);

/* Whether it shows UTF-8 according to the locale's variables (LC_ALL, LC_CTYPE, LANG), and has more
 * glyphs than the Linux console. */
bool terminal_is_utf8(void);

/* COLUMNS and LINES where they are set, as POSIX has it, else what the terminal says, else 80 and
 * 24. */
struct terminal_size terminal_size(int fd);

#endif
