#include "verb.h"

#include <stdio.h>
#include <string.h>

static const struct verb verbs[] = {
    {"run", VERB_RUN | VERB_SWEEP, verb_run},
    {"list", VERB_READS | VERB_SELECT | VERB_JSON, verb_list},
    {"show", VERB_READS | VERB_SELECT | VERB_NEEDS | VERB_JSON | VERB_RAW, verb_show},
    {"stats", VERB_READS | VERB_SELECT | VERB_JSON | VERB_BY, verb_stats},
    {"retry", VERB_SELECT | VERB_NEEDS | VERB_DRY | VERB_ASKS | VERB_JSON | VERB_RATE | VERB_TO,
     verb_retry},
    {"discard", VERB_SELECT | VERB_NEEDS | VERB_DRY | VERB_ASKS | VERB_JSON, verb_discard},
    {"export", VERB_READS | VERB_SELECT | VERB_FILE | VERB_JSONL | VERB_OVERWRITES, verb_export},
    {"import", VERB_SELECT | VERB_FILE | VERB_DRY | VERB_ASKS | VERB_JSON, verb_import},
    {"hold", VERB_ALL | VERB_DRY | VERB_ASKS | VERB_JSON, verb_hold},
    {"sweep", VERB_SWEEP | VERB_DRY | VERB_JSON, verb_sweep},
    {"doctor", VERB_DOCTOR | VERB_JSON, verb_doctor},
};

enum { VERBS = sizeof verbs / sizeof verbs[0] };

const struct verb *verb_find(const char *name)
{
    for (size_t i = 0; i < VERBS; i++)
        if (strcmp(verbs[i].name, name) == 0)
            return &verbs[i];
    return NULL;
}

const char *verb_names(unsigned takes, char *text, size_t size)
{
    size_t used = 0;
    text[0] = '\0';
    for (size_t i = 0; i < VERBS && used < size; i++)
        if (takes == 0 || (verbs[i].takes & takes))
            used +=
                (size_t)snprintf(text + used, size - used, "%s%s", used ? ", " : "", verbs[i].name);
    return text;
}
