#include "queue/durable_config.h"

#include "base/decimal.h"
#include "base/duration.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

static json_t *durations_json(const struct option_durations *list)
{
    json_t *array = json_array();
    for (int i = 0; i < list->n; i++)
        json_array_append_new(array, json_integer(list->ns[i]));
    return array;
}

static json_t *filters_json(const struct durable_spec *spec)
{
    json_t *array = json_array();
    for (size_t i = 0; i < spec->n_filters; i++)
        json_array_append_new(array, json_string(spec->filters[i]));
    return array;
}

/* All servers from 2.10 on keep metadata (ADR-33). */
static const char attempts_key[] = "natsq.attempts";

static void set_attempts(json_t *config, int64_t attempts)
{
    char text[24];
    snprintf(text, sizeof text, "%" PRId64, attempts);
    json_t *metadata = json_object_get(config, "metadata");
    if (!json_is_object(metadata)) {
        metadata = json_object();
        json_object_set_new(config, "metadata", metadata);
    }
    json_object_set_new(metadata, attempts_key, json_string(text));
}

int64_t durable_config_attempts(const json_t *config)
{
    const json_t *metadata = json_object_get(config, "metadata");
    const char *text = json_string_value(json_object_get(metadata, attempts_key));
    uint64_t attempts;
    if (!decimal_parse(text, &attempts) || attempts > INT64_MAX ||
        json_integer_value(json_object_get(config, "max_deliver")) >= 0)
        return 0;
    return (int64_t)attempts;
}

json_t *durable_config_create(const struct durable_spec *spec)
{
    json_t *config =
        json_pack("{s:s, s:s, s:s*, s:s, s:s, s:s, s:I, s:I}", "durable_name", spec->name, "name",
                  spec->name, "description", spec->description, "ack_policy", "explicit",
                  "deliver_policy", "all", "replay_policy", "instant", "max_deliver",
                  (json_int_t)(spec->attempts ? -1 : spec->max_deliver), "max_ack_pending",
                  (json_int_t)spec->max_ack_pending);
    if (spec->n_filters == 1) /* a server before 2.10 needs this form */
        json_object_set_new(config, "filter_subject", json_string(spec->filters[0]));
    else
        json_object_set_new(config, "filter_subjects", filters_json(spec));
    if (spec->backoff.n > 0)
        json_object_set_new(config, "backoff", durations_json(&spec->backoff));
    if (spec->attempts)
        set_attempts(config, spec->attempts);
    return config;
}

static void add_change(char *text, size_t size, const char *field, const char *was, const char *is)
{
    size_t used = strlen(text);
    snprintf(text + used, size - used, "%s%s %s → %s", used ? ", " : "", field, was, is);
}

static void apply_number(json_t *config, const char *field, int64_t wanted, char *text, size_t size)
{
    int64_t present = json_integer_value(json_object_get(config, field));
    if (present == wanted)
        return;
    char was[24], is[24];
    snprintf(was, sizeof was, "%" PRId64, present);
    snprintf(is, sizeof is, "%" PRId64, wanted);
    add_change(text, size, field, was, is);
    json_object_set_new(config, field, json_integer(wanted));
}

static const char *durations_text(json_t *array, char *text, size_t size)
{
    size_t i, used = 0;
    json_t *item;
    char one[DURATION_TEXT_MAX];
    snprintf(text, size, "none");
    json_array_foreach(array, i, item)
    {
        if (used < size)
            used += (size_t)snprintf(text + used, size - used, "%s%s", i ? "," : "",
                                     duration_format(json_integer_value(item), one));
    }
    return text;
}

static void apply_backoff(json_t *config, const struct option_durations *wanted, char *text,
                          size_t size)
{
    json_t *present = json_object_get(config, "backoff"), *new = durations_json(wanted);
    if (json_equal(present, new)) {
        json_decref(new);
        return;
    }
    char was[128], is[128];
    add_change(text, size, "backoff", durations_text(present, was, sizeof was),
               durations_text(new, is, sizeof is));
    json_object_set_new(config, "backoff", new);
    json_object_set_new(config, "ack_wait", json_integer(wanted->ns[0]));
}

/* Changes the number of attempts, or which side counts them. */
static void apply_attempts(const struct durable_spec *spec, json_t *config, char *text, size_t size)
{
    int64_t present = durable_config_attempts(config);
    if (spec->attempts_given && present != spec->attempts) {
        char was[24], is[24];
        snprintf(was, sizeof was, "%" PRId64, present);
        snprintf(is, sizeof is, "%" PRId64, spec->attempts);
        add_change(text, size, "attempts", present ? was : "none", is);
        set_attempts(config, spec->attempts);
        apply_number(config, "max_deliver", -1, text, size);
    }
    if (spec->max_deliver_given && present) {
        add_change(text, size, "attempts", "counted by the workers", "by the server");
        json_object_del(json_object_get(config, "metadata"), attempts_key);
    }
}

const char *durable_config_update(const struct durable_spec *spec, json_t *config, char *text,
                                  size_t size)
{
    text[0] = '\0';
    apply_attempts(spec, config, text, size);
    if (spec->max_deliver_given)
        apply_number(config, "max_deliver", spec->max_deliver, text, size);
    if (spec->max_ack_pending_given)
        apply_number(config, "max_ack_pending", spec->max_ack_pending, text, size);
    if (spec->backoff_given)
        apply_backoff(config, &spec->backoff, text, size);
    return text;
}

static bool wants(const struct durable_spec *spec, const char *filter)
{
    for (size_t i = 0; i < spec->n_filters; i++)
        if (filter && strcmp(spec->filters[i], filter) == 0)
            return true;
    return false;
}

bool durable_config_has_filters(const struct durable_spec *spec, const json_t *config)
{
    const json_t *single = json_object_get(config, "filter_subject");
    if (single)
        return spec->n_filters == 1 && wants(spec, json_string_value(single));
    json_t *several = json_object_get(config, "filter_subjects");
    size_t i;
    json_t *filter;
    json_array_foreach(several, i, filter)
    {
        if (!wants(spec, json_string_value(filter)))
            return false;
    }
    return json_array_size(several) == spec->n_filters;
}
