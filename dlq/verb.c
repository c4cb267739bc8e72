#include "verb.h"

#include <stdio.h>
#include <string.h>

static const struct verb verbs[] = {
    {"run", "collect dead jobs and decide their fate (the default)", true, verb_run},
    {"list", "list the letters, waiting and held", false, verb_list},
    {"sweep", "make letters of jobs that died unnoticed", false, verb_sweep},
};

enum { VERBS = sizeof verbs / sizeof verbs[0] };

const struct verb *verb_find(const char *name)
{
    for (size_t i = 0; i < VERBS; i++)
        if (strcmp(verbs[i].name, name) == 0)
            return &verbs[i];
    return NULL;
}

const char *verb_names(char *text, size_t size)
{
    size_t used = 0;
    text[0] = '\0';
    for (size_t i = 0; i < VERBS && used < size; i++)
        used += (size_t)snprintf(text + used, size - used, "%s%s", i ? ", " : "", verbs[i].name);
    return text;
}
