#include "verbs/verbs.h"

/* In the order in which the errors list them. */
const struct verb verbs[] = {
    {"run", VERB_RUN | VERB_SWEEP, .run = verb_run},
    {"list", VERB_READS | VERB_SELECT | VERB_JSON, .run = verb_list},
    {"show", VERB_READS | VERB_SELECT | VERB_NEEDS | VERB_JSON | VERB_RAW, .run = verb_show},
    {"stats", VERB_READS | VERB_SELECT | VERB_JSON | VERB_BY, .run = verb_stats},
    {"retry", VERB_SELECT | VERB_NEEDS | VERB_DRY | VERB_ASKS | VERB_JSON | VERB_RATE | VERB_TO,
     .run = verb_retry},
    {"discard", VERB_SELECT | VERB_NEEDS | VERB_DRY | VERB_ASKS | VERB_JSON, .run = verb_discard},
    {"export", VERB_READS | VERB_SELECT | VERB_FILE | VERB_JSONL | VERB_OVERWRITES,
     .run = verb_export},
    {"import", VERB_SELECT | VERB_FILE | VERB_DRY | VERB_ASKS | VERB_JSON, .run = verb_import},
    {"hold", VERB_ALL | VERB_DRY | VERB_ASKS | VERB_JSON, .run = verb_hold},
    {"sweep", VERB_SWEEP | VERB_DRY | VERB_JSON, .run = verb_sweep},
    {"doctor", VERB_CHECKS | VERB_JSON, .run = verb_doctor,
     .run_unconnected = verb_doctor_unconnected},
    {0},
};
