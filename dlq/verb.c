#include "verb.h"

#include "base/edit_distance.h"

#include <stdio.h>
#include <string.h>

const struct verb *verb_find(const struct verb *verbs, const char *name)
{
    for (; verbs->name; verbs++)
        if (strcmp(verbs->name, name) == 0)
            return verbs;
    return NULL;
}

const struct verb *verb_nearest(const struct verb *verbs, const char *name)
{
    const struct verb *best = NULL;
    size_t best_distance = strlen(name) / 2 + 1; /* `rm` is not `run` */
    for (; verbs->name; verbs++) {
        size_t distance = edit_distance(name, verbs->name);
        if (distance < best_distance) {
            best = verbs;
            best_distance = distance;
        }
    }
    return best;
}

const char *verb_names(const struct verb *verbs, unsigned takes, char *text, size_t size)
{
    size_t used = 0;
    text[0] = '\0';
    for (; verbs->name && used < size; verbs++)
        if (takes == 0 || (verbs->takes & takes))
            used +=
                (size_t)snprintf(text + used, size - used, "%s%s", used ? ", " : "", verbs->name);
    return text;
}

const char *verb_help(const struct verb *verbs, char *text, size_t size)
{
    size_t used = 0;
    text[0] = '\0';
    for (; verbs->name && used < size; verbs++)
        used += (size_t)snprintf(text + used, size - used, "  %-8s %s\n", verbs->name, verbs->help);
    return text;
}
