#include "cli/wrapped_text.h"

#include <stdio.h>
#include <string.h>

/* "--" stays on the line of the COMMAND that follows it. */
static int word_length(const char *text)
{
    size_t length = strcspn(text, " \n");
    if (length >= 2 && strncmp(text + length - 2, "-- ", 3) == 0)
        length += 1 + strcspn(text + length + 1, " \n");
    return (int)length;
}

void wrapped_text_print(const char *text, int indent)
{
    int at = indent;
    while (*text) {
        int length = word_length(text);
        if (at > indent && at + 1 + length > WRAPPED_TEXT_WIDTH) {
            printf("\n%*s", indent, "");
            at = indent;
        } else if (at > indent) {
            putchar(' ');
            at++;
        }
        printf("%.*s", length, text);
        at += length;
        text += length;
        if (*text == '\n' && text[1]) {
            printf("\n%*s", indent, "");
            at = indent;
        }
        text += *text ? 1 : 0;
    }
    putchar('\n');
}
