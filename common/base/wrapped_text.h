/* wrapped_text: words on stdout, wrapped between them. */
#ifndef NATSQ_WRAPPED_TEXT_H
#define NATSQ_WRAPPED_TEXT_H

#include <stddef.h>

enum { HELP_COLUMNS = 80 }; /* that any terminal has */

/* Prints the lines of `text`, wrapped at `columns` where a line has several words, and a newline.
 * The cursor is in column `indent`, where the wrapped lines begin too. */
void wrapped_text_print(const char *text, int indent, size_t columns);

#endif
