#include "queue/dlq_subjects.h"

#include "base/shell_word.h"
#include "base/subject.h"
#include "queue/stored_subjects.h"
#include "queue/stream.h"

#include <jansson.h>
#include <stdio.h>

static const char *const roots[] = {
    [DLQ_ADVISORIES] = "$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES.",
    [DLQ_DEAD] = LETTER_ROOT SUBJECT_DEAD ".",
    [DLQ_HELD] = LETTER_ROOT SUBJECT_HELD ".",
};

const char *dlq_subject(enum dlq_subject which, const char *origin, char filter[DLQ_SUBJECT_MAX])
{
    const char *rest = which == DLQ_ADVISORIES ? ".*" : ".>";
    snprintf(filter, DLQ_SUBJECT_MAX, "%s%s%s", roots[which], origin ? origin : "",
             origin ? rest : ">");
    return filter;
}

bool dlq_subjects_overlap(const char *origin, const char *filter)
{
    char ours[DLQ_SUBJECT_MAX];
    for (enum dlq_subject which = 0; which < DLQ_SUBJECTS; which++)
        if (subject_overlap(dlq_subject(which, origin, ours), filter))
            return true;
    return false;
}

static bool begins_wild(const char *filter)
{
    return filter[0] == '>' || (filter[0] == '*' && (filter[1] == '.' || filter[1] == '\0'));
}

static bool would_take(const char *stored, const char *filter)
{
    char ours[DLQ_SUBJECT_MAX];
    if ((begins_wild(stored) && begins_wild(filter)) || !subject_overlap(stored, filter))
        return false;
    for (enum dlq_subject which = 0; which < DLQ_SUBJECTS; which++) {
        dlq_subject(which, NULL, ours);
        if (subject_overlap(ours, stored) && subject_overlap(ours, filter))
            return true;
    }
    return false;
}

bool dlq_subjects_taken(const json_t *config, const char *filter)
{
    return stored_subjects_any(config, would_take, filter);
}

bool dlq_subjects_any(const json_t *letters, const char *origin)
{
    char filter[DLQ_SUBJECT_MAX];
    for (enum dlq_subject which = 0; which < DLQ_SUBJECTS; which++)
        if (stream_carries_all(letters, dlq_subject(which, origin, filter)))
            return true;
    return false;
}

static size_t add(char *arguments, size_t used, size_t size, const char *subject)
{
    if (used >= size)
        return used;
    return used + (size_t)snprintf(arguments + used, size - used, " --subjects='%s'", subject);
}

const char *dlq_subjects_arguments(const json_t *letters, const char *origin, char *arguments,
                                   size_t size)
{
    char word[SHELL_WORD_SIZE(256)];
    const char *name = shell_word(stream_text(letters, "config", "name"), word, sizeof word);
    char filter[DLQ_SUBJECT_MAX];
    size_t i, used = (size_t)snprintf(arguments, size, "stream edit %s -f", name);
    json_t *present;
    json_array_foreach(json_object_get(json_object_get(letters, "config"), "subjects"), i, present)
    {
        used = add(arguments, used, size, json_string_value(present));
    }
    for (enum dlq_subject which = 0; which < DLQ_SUBJECTS; which++)
        if (!stream_carries_all(letters, dlq_subject(which, origin, filter)))
            used = add(arguments, used, size, filter);
    if (used >= size) /* cut off, it would remove subjects */
        snprintf(arguments, size, "stream edit %s", name);
    return arguments;
}
