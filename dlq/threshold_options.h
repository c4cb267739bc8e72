/* threshold_options: --warn and --critical of doctor. */
#ifndef NATSQ_THRESHOLD_OPTIONS_H
#define NATSQ_THRESHOLD_OPTIONS_H

#include "cli/options.h"

/* Their values are fields of struct thresholds, and `commands` are bits of enum verb_takes. */
extern const struct option_row threshold_rows[];

#endif
