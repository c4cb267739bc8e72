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
    {"older-than", "D", "letters whose job died longer ago than D", "24h", AT(older_than),
     FOR(VERB_SELECT), .min = 1, .kind = OPTION_DURATION},
    {"limit", "N", "the first N of the selected letters", "100", AT(limit), FOR(VERB_SELECT),
     .min = 1, .max = 1000000000000, .kind = OPTION_NUMBER},
    {0},
};
