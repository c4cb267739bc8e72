#include "selection_options.h"

#include "selection.h"
#include "verb.h"

#define AT(field) .offset = offsetof(struct selection, field)
#define FOR(verbs) .commands = (verbs) /* bits of enum verb_takes */

const struct option_row selection_rows[] = {
    {"all", NULL, "every letter", AT(all), FOR(VERB_SELECT | VERB_ALL), .kind = OPTION_FLAG},
    {"subject", "FILTER", "letters whose job had a subject that FILTER matches", "'orders.*'",
     AT(subject), FOR(VERB_SELECT), .kind = OPTION_TEXT},
    {"consumer", "NAME", "letters whose job died with this consumer", "processor", AT(consumer),
     FOR(VERB_SELECT), .kind = OPTION_TEXT},
    {"reason", "GLOB", "letters with such a reason, as `list` shows it", "'exit *'", AT(reason),
     FOR(VERB_SELECT), .kind = OPTION_TEXT},
    {"error", "GLOB", "letters with such an error, as `list` shows it", "'*refused*'", AT(error),
     FOR(VERB_SELECT), .kind = OPTION_TEXT},
    {"job-id", "GLOB", "letters whose job had such an id", "'order-17*'", AT(job_id),
     FOR(VERB_SELECT), .kind = OPTION_TEXT},
    {"header", "NAME:GLOB",
     "letters with such a header, whose name may be in upper or lower case; several must all match",
     "'Tenant: acme*'", AT(headers), FOR(VERB_SELECT), .kind = OPTION_TEXTS},
    {"body", "GLOB",
     "letters whose whole body GLOB matches. retry with one SEQ: instead, the FILE with the job's "
     "new body ('-' is stdin)",
     "'*4711*'", AT(body), FOR(VERB_SELECT), .kind = OPTION_TEXT},
    {"state", "STATE,...", "letters that are announced, waiting or held", "waiting,held", AT(state),
     FOR(VERB_SELECT), .kind = OPTION_TEXT},
    {"older-than", "D", "letters whose job died longer ago than D", "24h", AT(older_than),
     FOR(VERB_SELECT), .min = 1, .kind = OPTION_DURATION},
    {"newer-than", "D", "letters whose job died less than D ago", "1h", AT(newer_than),
     FOR(VERB_SELECT), .min = 1, .kind = OPTION_DURATION},
    {"limit", "N", "the first N of the selected letters, alone: of all", "100", AT(limit),
     FOR(VERB_SELECT), .min = 1, .max = 1000000000000, .kind = OPTION_NUMBER},
    {0},
};
