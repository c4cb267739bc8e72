/* option_value: the text of an option as the value that its row asks for. */
#ifndef NATSQ_OPTION_VALUE_H
#define NATSQ_OPTION_VALUE_H

#include "base/error.h"
#include "cli/option_row.h"

/* Puts the value of `text` at `to`, as enum option_kind says; `text` stays with the caller, and a
 * value of the kinds TEXT and TEXTS points to it. `from` names where the text comes from, for the
 * error: `--count`, or an environment variable. -1: 64, or 71 without memory. */
int option_value_parse(const struct option_row *row, const char *from, const char *text, void *to,
                       struct error *error);

#endif
