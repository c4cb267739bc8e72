#include "tables/comma_wrap.h"

#include "base/text_width.h"

#include <string.h>

/* The length of what goes into this line, with its comma; of the rest, if no comma fits. */
static size_t next_piece(const char *text, size_t columns)
{
    size_t fits = text_fit(text, columns), best = 0;
    if (!text[fits])
        return fits;
    for (const char *comma = text; (comma = strstr(comma, ", ")); comma++)
        if (best == 0 || (size_t)(comma - text) < fits)
            best = (size_t)(comma - text) + 1;
    return best ? best : strlen(text);
}

void comma_wrap(const char *text, size_t columns, size_t indent, struct buffer *lines)
{
    size_t left = columns;
    for (;;) {
        size_t length = next_piece(text, left);
        buffer_add(lines, text, length);
        buffer_add_text(lines, "\n");
        text += length;
        if (!*text)
            return;
        text++; /* the space after the comma */
        left = columns > indent ? columns - indent : 0;
        for (size_t i = 0; i < indent; i++)
            buffer_add_text(lines, " ");
    }
}
