#include "cli/log_options.h"

#include "base/log.h"

/* OPTION_CHOICE stores an int; gcc and clang give these enums the same size. */
_Static_assert(sizeof(enum log_format) == sizeof(int) && sizeof(enum log_level) == sizeof(int),
               "an enum has the size of an int");

static const char *const formats[] = {"text", "json", NULL};
static const char *const levels[] = {"debug", "info", "warn", "error", NULL};

const struct option_row log_rows[] = {
    {"log-format", "text|json", "format of the lines on stderr", "json", NULL, "text", formats,
     offsetof(struct log, format), .kind = OPTION_CHOICE},
    {"log-level", "debug|info|warn|error", "lowest level that is logged", "warn", NULL, "info",
     levels, offsetof(struct log, level), .kind = OPTION_CHOICE},
    {0},
};
