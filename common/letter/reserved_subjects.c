#include "letter/reserved_subjects.h"

#include "base/subject.h"
#include "letter/letter_names.h"
#include "queue/stored_subjects.h"

#include <jansson.h>
#include <stddef.h>

static const char *const reserved[] = {
    "natsq." LETTER_DEAD ".>",
    "natsq." LETTER_HELD ".>",
    "$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES.>",
};

enum { RESERVED = sizeof reserved / sizeof reserved[0] };

bool reserved_subjects_overlap(const char *filter)
{
    for (size_t i = 0; i < RESERVED; i++)
        if (subject_overlap(reserved[i], filter))
            return true;
    return false;
}

static bool begins_wild(const char *filter)
{
    return filter[0] == '>' || (filter[0] == '*' && (filter[1] == '.' || filter[1] == '\0'));
}

static bool is_taken(const char *stored, const char *filter)
{
    if ((begins_wild(stored) && begins_wild(filter)) || !subject_overlap(stored, filter))
        return false;
    for (size_t i = 0; i < RESERVED; i++)
        if (subject_overlap(reserved[i], stored) && subject_overlap(reserved[i], filter))
            return true;
    return false;
}

bool reserved_subjects_taken(const json_t *config, const char *filter)
{
    json_t *stored = stored_subjects(config), *item;
    bool taken = false;
    size_t i;
    json_array_foreach(stored, i, item)
    {
        taken |= is_taken(json_string_value(item), filter);
    }
    json_decref(stored);
    return taken;
}
