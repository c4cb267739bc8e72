/* wrapped_text: text of --help, wrapped at a width that any terminal has. */
#ifndef NATSQ_WRAPPED_TEXT_H
#define NATSQ_WRAPPED_TEXT_H

enum { WRAPPED_TEXT_WIDTH = 80 };

/* Prints the lines of `text`, wrapped, and a newline. The cursor is in column `indent`, where the
 * wrapped lines begin too. */
void wrapped_text_print(const char *text, int indent);

#endif
