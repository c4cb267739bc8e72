/* option_value: turns the text of an option into the value that its row describes. */
#ifndef NATSQ_OPTION_VALUE_H
#define NATSQ_OPTION_VALUE_H

#include "base/error.h"
#include "cli/option_row.h"

/* Stores the value of `text` at `to`, with the type that belongs to the row's kind. A value of the
 * kinds TEXT and TEXTS points to `text`. `from` is how an error names the source: `--count`, or an
 * environment variable. -1: 64, or 71 when out of memory. */
int option_value_parse(const struct option_row *row, const char *from, const char *text, void *to,
                       struct error *error);

#endif
