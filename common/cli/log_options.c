#include "cli/log_options.h"

/* OPTION_CHOICE fills in an int, which is what gcc and clang make of these enums. */
_Static_assert(sizeof(enum log_format) == sizeof(int) && sizeof(enum log_level) == sizeof(int),
               "an enum has the size of an int");

static const char *const formats[] = {"text", "json", NULL};
static const char *const levels[] = {"debug", "info", "warn", "error", NULL};

const struct option_row log_rows[] = {
    {"log-format", "text|json", "form of the lines on stderr", "json", NULL, "text", formats,
     offsetof(struct log, format), .kind = OPTION_CHOICE},
    {"log-level", "debug|info|warn|error", "least level that is logged", "warn", NULL, "info",
     levels, offsetof(struct log, least), .kind = OPTION_CHOICE},
    {0},
};
