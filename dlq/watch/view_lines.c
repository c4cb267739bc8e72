#include "watch/view_lines.h"

#include "base/text_width.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

size_t view_lines_left(const struct view_lines *lines)
{
    size_t most = lines->most < VIEW_LINES_MAX ? lines->most : VIEW_LINES_MAX;
    return lines->n < most ? most - lines->n : 0;
}

/* snprintf cuts what is too long, perhaps inside a character. */
static void cut(char *text, size_t columns)
{
    size_t end = text_fit(text, columns);
    while (end > 0 && text[end - 1] == ' ')
        end--;
    text[end] = '\0';
}

void view_lines_add(struct view_lines *lines, enum tone tone, const char *format, ...)
{
    va_list words;
    if (view_lines_left(lines) == 0)
        return;
    struct view_line *line = &lines->line[lines->n++];
    line->tone = tone;
    va_start(words, format);
    vsnprintf(line->text, sizeof line->text, format, words);
    va_end(words);
    cut(line->text, lines->columns);
}

void view_lines_add_pieces(struct view_lines *lines, enum tone tone, const char *const *pieces)
{
    char text[VIEW_LINE_MAX] = "";
    size_t columns = 0, length = 0;
    for (size_t i = 0; pieces[i]; i++) {
        columns += text_width(pieces[i]);
        if (i > 0 && columns > lines->columns)
            break;
        length += (size_t)snprintf(text + length, sizeof text - length, "%s", pieces[i]);
        if (length >= sizeof text)
            break;
    }
    view_lines_add(lines, tone, "%s", text);
}

void view_lines_gap(struct view_lines *lines, size_t spare)
{
    if (view_lines_left(lines) > spare)
        view_lines_add(lines, TONE_PLAIN, "%s", "");
}

/* Each line is cleared before its text: after a text of full width the cursor is still on its last
 * character. There is no line break after the last line, which would scroll a full terminal. */
void view_lines_draw(const struct view_lines *lines, bool colour, struct buffer *bytes)
{
    static const char *const tones[] = {"", "\x1b[1m", "\x1b[33m", "\x1b[1;31m"};
    buffer_add_text(bytes, "\x1b[H");
    for (size_t i = 0; i < lines->n; i++) {
        const struct view_line *line = &lines->line[i];
        bool is_coloured = colour && line->tone != TONE_PLAIN;
        buffer_add_text(bytes, i > 0 ? "\r\n\x1b[K" : "\x1b[K");
        buffer_add_text(bytes, is_coloured ? tones[line->tone] : "");
        buffer_add_text(bytes, line->text);
        buffer_add_text(bytes, is_coloured ? "\x1b[0m" : "");
    }
    buffer_add_text(bytes, lines->n < lines->most ? "\r\n\x1b[J" : "");
}
