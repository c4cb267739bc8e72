#include "queue/durable_changes.h"

#include "base/duration.h"
#include "queue/durable_config.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

enum { VALUE_MAX = 128 };

static const struct {
    const char *name;
    bool is_duration;
} settings[] = {
    {"attempts", false}, {"max_deliver", false}, {"max_ack_pending", false},
    {"backoff", true},   {"ack_wait", true},     {"filter", false},
};

enum { SETTINGS = sizeof settings / sizeof settings[0] };

static json_t *attempts(const json_t *config)
{
    int64_t attempts = durable_config_attempts(config);
    return attempts > 0 ? json_integer(attempts) : NULL;
}

static json_t *filter(const json_t *config)
{
    json_t *single = json_object_get(config, "filter_subject");
    json_t *several = json_object_get(config, "filter_subjects");
    if (json_array_size(several) > 0)
        return json_incref(several);
    return single ? json_pack("[O]", single) : NULL;
}

/* The setting as JSON, which the caller owns. NULL: the configuration does not have it. */
static json_t *value_of(const json_t *config, const char *name)
{
    if (strcmp(name, "attempts") == 0)
        return attempts(config);
    if (strcmp(name, "filter") == 0)
        return filter(config);
    return json_incref(json_object_get(config, name));
}

/* Where there is a backoff, the server derives the ack-wait from it. */
static bool is_derived(const json_t *config, const char *name)
{
    return strcmp(name, "ack_wait") == 0 && json_object_get(config, "backoff");
}

static const char *one_text(const json_t *value, bool is_duration, char text[VALUE_MAX])
{
    char duration[DURATION_TEXT_MAX];
    if (json_is_string(value))
        snprintf(text, VALUE_MAX, "%s", json_string_value(value));
    else if (is_duration)
        snprintf(text, VALUE_MAX, "%s", duration_format(json_integer_value(value), duration));
    else if (json_integer_value(value) < 0)
        snprintf(text, VALUE_MAX, "unlimited");
    else
        snprintf(text, VALUE_MAX, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
    return text;
}

static const char *value_text(const json_t *value, bool is_duration, char text[VALUE_MAX])
{
    size_t i, used = 0;
    json_t *item;
    char one[VALUE_MAX];
    if (value && !json_is_array(value))
        return one_text(value, is_duration, text);
    snprintf(text, VALUE_MAX, "none");
    json_array_foreach(value, i, item)
    {
        if (used < VALUE_MAX)
            used += (size_t)snprintf(text + used, VALUE_MAX - used, "%s%s", i ? "," : "",
                                     one_text(item, is_duration, one));
    }
    return text;
}

static void add(char *text, size_t size, const char *name, const char *was, const char *is)
{
    size_t used = strlen(text);
    snprintf(text + used, size - used, "%s%s %s → %s", used ? ", " : "", name, was, is);
}

const char *durable_changes(const json_t *was, const json_t *is, char *text, size_t size)
{
    text[0] = '\0';
    for (size_t i = 0; i < SETTINGS; i++) {
        char before[VALUE_MAX], after[VALUE_MAX];
        const char *name = settings[i].name;
        json_t *old = value_of(was, name), *new = value_of(is, name);
        bool is_skipped = is_derived(was, name) || is_derived(is, name);
        if ((old || new) && !json_equal(old, new) && !is_skipped)
            add(text, size, name, value_text(old, settings[i].is_duration, before),
                value_text(new, settings[i].is_duration, after));
        json_decref(old);
        json_decref(new);
    }
    return text;
}
