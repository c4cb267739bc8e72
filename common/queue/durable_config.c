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
static const char handler_key[] = "natsq.handler", handler_command[] = "command";

static void set_metadata(json_t *config, const char *key, const char *text)
{
    json_t *metadata = json_object_get(config, "metadata");
    if (!json_is_object(metadata)) {
        metadata = json_object();
        json_object_set_new(config, "metadata", metadata);
    }
    json_object_set_new(metadata, key, json_string(text));
}

static void set_attempts(json_t *config, int64_t attempts)
{
    char text[24];
    snprintf(text, sizeof text, "%" PRId64, attempts);
    set_metadata(config, attempts_key, text);
}

bool durable_config_is_for_command(const json_t *config)
{
    const json_t *metadata = json_object_get(config, "metadata");
    const char *text = json_string_value(json_object_get(metadata, handler_key));
    return text && strcmp(text, handler_command) == 0;
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

static json_t *create(const struct durable_spec *spec)
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

json_t *durable_config_create(const struct durable_spec *spec)
{
    if (spec->as_it_was)
        return json_deep_copy(spec->as_it_was);
    json_t *config = create(spec);
    if (spec->handler == DURABLE_COMMAND)
        set_metadata(config, handler_key, handler_command);
    return config;
}

/* Changes the number of attempts, or which side counts them. */
static void apply_attempts(const struct durable_spec *spec, json_t *config)
{
    if (spec->attempts_given) {
        set_attempts(config, spec->attempts);
        json_object_set_new(config, "max_deliver", json_integer(-1));
    }
    if (spec->max_deliver_given) {
        if (durable_config_attempts(config))
            json_object_del(json_object_get(config, "metadata"), attempts_key);
        json_object_set_new(config, "max_deliver", json_integer(spec->max_deliver));
    }
}

/* Left alone where it is the same: the ack-wait may then be the owner's. */
static void apply_backoff(json_t *config, const struct option_durations *wanted)
{
    json_t *new = durations_json(wanted);
    if (!json_equal(json_object_get(config, "backoff"), new))
        json_object_set_new(config, "ack_wait", json_integer(wanted->ns[0]));
    json_object_set_new(config, "backoff", new);
}

void durable_config_apply(const struct durable_spec *spec, json_t *config)
{
    apply_attempts(spec, config);
    if (spec->max_ack_pending_given)
        json_object_set_new(config, "max_ack_pending", json_integer(spec->max_ack_pending));
    if (spec->backoff_given)
        apply_backoff(config, &spec->backoff);
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
