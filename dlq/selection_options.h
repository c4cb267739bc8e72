/* selection_options: the options that select letters, for every verb that does. */
#ifndef NATSQ_SELECTION_OPTIONS_H
#define NATSQ_SELECTION_OPTIONS_H

#include "cli/options.h"

/* Their values are fields of struct selection, and `commands` are bits of enum verb_takes. */
extern const struct option_row selection_rows[];

#endif
