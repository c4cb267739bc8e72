/* log_options: the options of the log, which all programs share; they fill in a struct log. */
#ifndef NATSQ_LOG_OPTIONS_H
#define NATSQ_LOG_OPTIONS_H

#include "cli/option_row.h"

extern const struct option_row log_rows[];

#endif
