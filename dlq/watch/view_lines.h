/* view_lines: the lines of a view, each at most as wide as the terminal, and no more than it has.
 * Pure. */
#ifndef NATSQ_VIEW_LINES_H
#define NATSQ_VIEW_LINES_H

#include "base/buffer.h"

enum { VIEW_LINES_MAX = 200, VIEW_LINE_MAX = 1024 };

enum tone { TONE_PLAIN, TONE_HEAD, TONE_WARNING, TONE_ALARM }; /* of a whole line */

struct view_line {
    enum tone tone;
    char text[VIEW_LINE_MAX];
};

struct view_lines {
    size_t columns, most; /* of the terminal; at most VIEW_LINES_MAX lines count */
    size_t n;
    struct view_line line[VIEW_LINES_MAX];
};

/* How many more lines fit. */
size_t view_lines_left(const struct view_lines *lines);

/* Adds a line, cut to the terminal's width; nothing when no line is left. Control characters must
 * be escaped. */
void view_lines_add(struct view_lines *lines, enum tone tone, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Adds a line of the pieces (NULL ends them; empty ones do not count), without the last ones where
 * they do not fit. */
void view_lines_add_pieces(struct view_lines *lines, enum tone tone, const char *const *pieces);

/* Adds an empty line, when more than `spare` lines are left. */
void view_lines_gap(struct view_lines *lines, size_t spare);

/* The bytes that show the lines from the top of the terminal on, and clear all else. */
void view_lines_draw(const struct view_lines *lines, bool colour, struct buffer *bytes);

#endif
