/* log_options: the shared options of the log; their set's values are a struct log. */
#ifndef NATSQ_LOG_OPTIONS_H
#define NATSQ_LOG_OPTIONS_H

#include "base/log.h"
#include "cli/options.h"

extern const struct option_row log_rows[];

#endif
