#include "queue/stored_subjects.h"

#include "base/cleanup.h"
#include "base/subject.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

static const char *text_of(const json_t *object, const char *key, const char *otherwise)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text && *text ? text : otherwise;
}

/* The stream's own mapping applies to what it takes from other streams too (2.15). */
static void add_mapped(json_t *stored, const json_t *config, const char *filter)
{
    char mapped[SUBJECT_TRANSFORM_MAX];
    const json_t *transform = json_object_get(config, "subject_transform");
    const char *source = text_of(transform, "src", ">");
    bool is_mapped = json_is_object(transform) && subject_overlap(source, filter);
    if (!is_mapped || !subject_covers(source, filter))
        json_array_append_new(stored, json_string(filter));
    if (is_mapped)
        json_array_append_new(
            stored, json_string(subject_transform_filter(text_of(transform, "dest", ">"), mapped)));
}

/* Adds the subjects of messages that come from another stream, by a source or a mirror. */
static void add_source(json_t *stored, const json_t *config, const json_t *source)
{
    char mapped[SUBJECT_TRANSFORM_MAX];
    const json_t *transforms = json_object_get(source, "subject_transforms"), *transform;
    size_t i;
    if (!json_is_object(source))
        return;
    if (json_array_size(transforms) == 0)
        add_mapped(stored, config, text_of(source, "filter_subject", ">"));
    json_array_foreach(transforms, i, transform)
    {
        const char *from = text_of(transform, "src", ">");
        add_mapped(stored, config,
                   subject_transform_filter(text_of(transform, "dest", from), mapped));
    }
}

json_t *stored_subjects(const json_t *config)
{
    json_t *stored = json_array();
    const json_t *subjects = json_object_get(config, "subjects"), *item;
    const json_t *sources = json_object_get(config, "sources");
    size_t i;
    json_array_foreach(subjects, i, item)
    {
        if (json_is_string(item))
            add_mapped(stored, config, json_string_value(item));
    }
    json_array_foreach(sources, i, item)
    {
        add_source(stored, config, item);
    }
    add_source(stored, config, json_object_get(config, "mirror"));
    return stored;
}

bool stored_subjects_any(const json_t *config, bool (*test)(const char *stored, const char *filter),
                         const char *filter)
{
    _cleanup_(json_decrefp) json_t *stored = stored_subjects(config);
    json_t *item;
    size_t i;
    json_array_foreach(stored, i, item)
    {
        if (test(json_string_value(item), filter))
            return true;
    }
    return false;
}

bool stored_subjects_match(const json_t *config, const char *filter)
{
    return stored_subjects_any(config, subject_overlap, filter);
}

const char *stored_subjects_text(const json_t *config, char *text, size_t size)
{
    _cleanup_(json_decrefp) json_t *stored = stored_subjects(config);
    json_t *item;
    size_t i, used = 0;
    text[0] = '\0';
    json_array_foreach(stored, i, item)
    {
        if (used < size)
            used += (size_t)snprintf(text + used, size - used, "%s%s", i ? ", " : "",
                                     json_string_value(item));
    }
    return text;
}

bool stored_subjects_listens_to(const json_t *config, const char *to)
{
    const json_t *subjects = json_object_get(config, "subjects"), *item;
    size_t i;
    json_array_foreach(subjects, i, item)
    {
        if (json_is_string(item) && subject_covers(json_string_value(item), to))
            return true;
    }
    return false;
}

/* The subject under which another stream must store a message, so that it arrives as `subject`. */
static bool subject_in_source(const json_t *source, const char *subject,
                              char to[SUBJECT_TRANSFORM_MAX])
{
    const json_t *transforms = json_object_get(source, "subject_transforms"), *transform;
    size_t i;
    json_array_foreach(transforms, i, transform)
    {
        const char *from = text_of(transform, "src", ">");
        const char *target = text_of(transform, "dest", NULL);
        if (target && subject_transform_undo(from, target, subject, to))
            return true;
        if (!target && subject_covers(from, subject))
            return snprintf(to, SUBJECT_TRANSFORM_MAX, "%s", subject) < SUBJECT_TRANSFORM_MAX;
    }
    return json_array_size(transforms) == 0 &&
           subject_covers(text_of(source, "filter_subject", ">"), subject) &&
           snprintf(to, SUBJECT_TRANSFORM_MAX, "%s", subject) < SUBJECT_TRANSFORM_MAX;
}

/* The subject before the stream's own mapping; itself where the mapping does not apply. */
static bool before_mapping(const json_t *config, const char *subject,
                           char before[SUBJECT_TRANSFORM_MAX])
{
    const json_t *transform = json_object_get(config, "subject_transform");
    const char *source = text_of(transform, "src", ">");
    if (json_is_object(transform) &&
        subject_transform_undo(source, text_of(transform, "dest", ">"), subject, before))
        return true;
    bool is_left_alone = !json_is_object(transform) || !subject_covers(source, subject);
    return is_left_alone &&
           snprintf(before, SUBJECT_TRANSFORM_MAX, "%s", subject) < SUBJECT_TRANSFORM_MAX;
}

bool stored_subjects_way_back(const json_t *config, const char *subject, struct way_back *way)
{
    char before[SUBJECT_TRANSFORM_MAX];
    const json_t *sources = json_object_get(config, "sources"), *source;
    size_t i;
    way->through = NULL;
    if (!before_mapping(config, subject, before))
        return false;
    if (stored_subjects_listens_to(config, before)) {
        snprintf(way->to, sizeof way->to, "%s", before);
        return true;
    }
    json_array_foreach(sources, i, source)
    {
        way->through = json_string_value(json_object_get(source, "name"));
        if (way->through && subject_in_source(source, before, way->to))
            return true;
    }
    return false;
}
