/* comma_wrap: breaks a long line of a summary at its commas, for narrow terminals. Pure. */
#ifndef NATSQ_COMMA_WRAP_H
#define NATSQ_COMMA_WRAP_H

#include "base/buffer.h"

/* Adds the text to `lines` as one line, or as several of at most `columns` where its commas allow
 * that; all but the first begin with `indent` spaces. */
void comma_wrap(const char *text, size_t columns, size_t indent, struct buffer *lines);

#endif
