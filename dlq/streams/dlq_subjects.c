#include "streams/dlq_subjects.h"

#include "letter/letter_names.h"

#include <jansson.h>
#include <stdio.h>

const char *dlq_subject(enum dlq_subject which, const char *origin, char subject[DLQ_SUBJECT_MAX])
{
    switch (which) {
    case SUBJECT_ADVISORIES:
        snprintf(subject, DLQ_SUBJECT_MAX, "$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES.%s.*",
                 origin);
        break;
    case SUBJECT_DEAD:
        snprintf(subject, DLQ_SUBJECT_MAX, "natsq." LETTER_DEAD ".%s.>", origin);
        break;
    case SUBJECT_HELD:
    case DLQ_SUBJECTS:
        snprintf(subject, DLQ_SUBJECT_MAX, "natsq." LETTER_HELD ".%s.>", origin);
        break;
    }
    return subject;
}

bool dlq_subjects_any(const json_t *letters, const char *origin)
{
    char subject[DLQ_SUBJECT_MAX];
    for (enum dlq_subject which = 0; which < DLQ_SUBJECTS; which++)
        if (stream_carries_all(letters, dlq_subject(which, origin, subject)))
            return true;
    return false;
}

static size_t add(char *command, size_t used, size_t size, const char *subject)
{
    if (used >= size)
        return used;
    return used + (size_t)snprintf(command + used, size - used, " --subjects='%s'", subject);
}

const char *dlq_subjects_command(const json_t *letters, const char *origin, char *command,
                                 size_t size)
{
    const char *name = stream_text(letters, "config", "name");
    char subject[DLQ_SUBJECT_MAX];
    size_t i, used = (size_t)snprintf(command, size, "nats stream edit %s -f", name);
    json_t *present;
    json_array_foreach(json_object_get(json_object_get(letters, "config"), "subjects"), i, present)
    {
        used = add(command, used, size, json_string_value(present));
    }
    for (enum dlq_subject which = 0; which < DLQ_SUBJECTS; which++)
        if (!stream_carries_all(letters, dlq_subject(which, origin, subject)))
            used = add(command, used, size, subject);
    if (used >= size) /* cut off, it would take subjects away */
        snprintf(command, size, "nats stream edit %s", name);
    return command;
}
