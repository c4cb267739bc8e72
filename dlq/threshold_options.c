#include "threshold_options.h"

#include "thresholds.h"
#include "verb.h"

#define AT(field) .offset = offsetof(struct thresholds, field)

const struct option_row threshold_rows[] = {
    {"warn", "NAME=VALUE,...",
     "when to warn: held=N letters, waiting=N letters and announced jobs, pending=N jobs, age=D of "
     "the oldest job, quiet=D without progress while all workers are busy (held=1,quiet=30s)",
     "held=100,age=1h,waiting=10000", AT(given_warning), .commands = VERB_CHECKS,
     .kind = OPTION_TEXT},
    {"critical", "NAME=VALUE,...", "the same, when it is critical (quiet=10m)", "held=1000,age=4h",
     AT(given_critical), .commands = VERB_CHECKS, .kind = OPTION_TEXT},
    {0},
};
