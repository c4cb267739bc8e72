#include "base/wrapped_text.h"

#include "base/text_width.h"

#include <stdio.h>
#include <string.h>

/* "--" stays on the line of the COMMAND that follows it. */
static size_t word_length(const char *text)
{
    size_t length = strcspn(text, " \n");
    if (length >= 2 && strncmp(text + length - 2, "-- ", 3) == 0)
        length += 1 + strcspn(text + length + 1, " \n");
    return length;
}

static size_t begin_line(int indent)
{
    printf("\n%*s", indent, "");
    return (size_t)indent;
}

void wrapped_text_print(const char *text, int indent, size_t columns)
{
    const size_t begin = (size_t)indent;
    for (size_t at = begin; *text;) {
        size_t length = word_length(text), width = text_width(text) - text_width(text + length);
        if (at > begin && at + 1 + width > columns) {
            at = begin_line(indent);
        } else if (at > begin) {
            putchar(' ');
            at++;
        }
        printf("%.*s", (int)length, text);
        at += width;
        text += length;
        if (*text == '\n' && text[1])
            at = begin_line(indent);
        text += *text != '\0';
    }
    putchar('\n');
}
