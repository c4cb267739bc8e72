#include "queue/durable.h"

#include "base/duration.h"
#include "base/stop.h"
#include "base/timestamp.h"
#include "queue/settings_check.h"

#include <inttypes.h>
#include <jansson.h>
#include <string.h>

/* nats-server's errors.json, 2.9 to 2.15. */
enum {
    JS_CONSUMER_NOT_FOUND = 10014,
    JS_STREAM_NOT_FOUND = 10059,
    JS_NOT_UNIQUE_UNFILTERED = 10099,
    JS_NOT_UNIQUE = 10100,
    JS_CONSUMER_EXISTS = 10148,
};

static int error_code(const json_t *answer)
{
    return (int)json_integer_value(json_object_get(json_object_get(answer, "error"), "err_code"));
}

static const char *error_words(const json_t *answer)
{
    const char *words =
        json_string_value(json_object_get(json_object_get(answer, "error"), "description"));
    return words ? words : "refused without a reason";
}

static uint64_t sequence(const json_t *info, const char *which)
{
    return (uint64_t)json_integer_value(
        json_object_get(json_object_get(info, which), "stream_seq"));
}

static void read_state(const json_t *info, struct durable_state *state)
{
    const json_t *config = json_object_get(info, "config");
    json_t *step, *backoff = json_object_get(config, "backoff");
    const char *created = json_string_value(json_object_get(info, "created"));
    const char *paused = json_string_value(json_object_get(config, "pause_until"));
    size_t i;
    *state = (struct durable_state){
        .max_deliver = json_integer_value(json_object_get(config, "max_deliver")),
        .attempts = durable_attempts(config),
        .ack_wait = json_integer_value(json_object_get(config, "ack_wait")),
        .max_ack_pending = json_integer_value(json_object_get(config, "max_ack_pending")),
        .limits = {.batch = json_integer_value(json_object_get(config, "max_batch")),
                   .expires = json_integer_value(json_object_get(config, "max_expires"))},
        .pending = (uint64_t)json_integer_value(json_object_get(info, "num_pending")),
        .ack_pending = (uint64_t)json_integer_value(json_object_get(info, "num_ack_pending")),
        .redelivered = (uint64_t)json_integer_value(json_object_get(info, "num_redelivered")),
        .waiting = (uint64_t)json_integer_value(json_object_get(info, "num_waiting")),
        .delivered_seq = sequence(info, "delivered"),
        .ack_floor_seq = sequence(info, "ack_floor"),
    };
    json_array_foreach(backoff, i, step)
    {
        if (state->backoff.n < OPTION_DURATIONS_MAX)
            state->backoff.ns[state->backoff.n++] = json_integer_value(step);
    }
    if (!created || !timestamp_parse(created, &state->created))
        state->created = 0;
    if (!paused || !timestamp_parse(paused, &state->paused_until))
        state->paused_until = 0;
}

/* As durable_look_up, with the whole answer, which the caller owns when it is 0. */
static int fetch_info(struct requester *requester, const char *stream, const char *name,
                      json_t **info, struct error *error)
{
    char operation[REQUEST_SUBJECT_MAX];
    snprintf(operation, sizeof operation, "CONSUMER.INFO.%s.%s", stream, name);
    json_t *answer = requester_api(requester, operation, NULL, error);
    if (!answer)
        return -1;
    int code = error_code(answer), result = 0;
    if (code == JS_CONSUMER_NOT_FOUND)
        result = 1;
    else if (code == JS_STREAM_NOT_FOUND)
        result = 2;
    else if (code != 0 || !json_object_get(answer, "config"))
        result = error_set(error, EX_UNAVAILABLE, "cannot look up consumer '%s' of '%s': %s", name,
                           stream, error_words(answer));
    if (result == 0)
        *info = answer;
    else
        json_decref(answer);
    return result;
}

int durable_look_into(struct requester *requester, const char *stream, const char *name,
                      json_t **info, struct durable_state *state, struct error *error)
{
    int result = fetch_info(requester, stream, name, info, error);
    if (result == 0)
        read_state(*info, state);
    return result;
}

int durable_look_up(struct requester *requester, const char *stream, const char *name,
                    struct durable_state *state, struct error *error)
{
    json_t *info = NULL;
    int result = durable_look_into(requester, stream, name, &info, state, error);
    json_decref(info);
    return result;
}

static int refused(const struct durable_spec *spec, const json_t *answer, struct error *error)
{
    int code = error_code(answer);
    if (code == JS_STREAM_NOT_FOUND)
        return error_set(error, EX_UNAVAILABLE, "there is no stream '%s'", spec->stream);
    bool is_taken = code == JS_NOT_UNIQUE || code == JS_NOT_UNIQUE_UNFILTERED;
    if (is_taken && spec->may_recreate)
        return error_set(
            error, EX_CONFIG,
            "another consumer of stream '%s' takes what is meant for '%s' (%s): remove "
            "it ('nats consumer ls %s' lists them)",
            spec->stream, spec->name, spec->filters[0], spec->stream);
    if (is_taken)
        return error_set(error, EX_CONFIG,
                         "another consumer of stream '%s' has subjects of '%s', and a work queue "
                         "lets each job go to one: use that one with --durable ('nats consumer ls "
                         "%s' lists them)",
                         spec->stream, spec->filters[0], spec->stream);
    return error_set(error, EX_CONFIG, "cannot make consumer '%s' of stream '%s': %s", spec->name,
                     spec->stream, error_words(answer));
}

/* `action` is "create" or "update" (2.10 on); owns `config`. 1: somebody was faster. */
static int put_config(struct requester *requester, const struct durable_spec *spec,
                      const char *action, json_t *config, struct durable_state *state,
                      struct error *error)
{
    char operation[REQUEST_SUBJECT_MAX];
    snprintf(operation, sizeof operation, "CONSUMER.CREATE.%s.%s", spec->stream, spec->name);
    _cleanup_(cleanup_free) char *text =
        requester_body(json_pack("{s:s, s:o, s:s}", "stream_name", spec->stream, "config", config,
                                 "action", action),
                       error);
    if (!text)
        return -1;
    json_t *answer = requester_api(requester, operation, text, error);
    if (!answer)
        return -1;
    int code = error_code(answer), result = 0;
    if (code == JS_CONSUMER_EXISTS)
        result = 1;
    else if (json_object_get(answer, "error"))
        result = refused(spec, answer, error);
    else
        read_state(answer, state);
    json_decref(answer);
    return result;
}

static int delete_it(struct requester *requester, const struct durable_spec *spec,
                     struct error *error)
{
    char operation[REQUEST_SUBJECT_MAX];
    snprintf(operation, sizeof operation, "CONSUMER.DELETE.%s.%s", spec->stream, spec->name);
    json_t *answer = requester_api(requester, operation, NULL, error);
    if (!answer)
        return -1;
    int code = error_code(answer);
    int result = code == 0 || code == JS_CONSUMER_NOT_FOUND
                     ? 0
                     : error_set(error, EX_CONFIG, "cannot delete consumer '%s' of '%s': %s",
                                 spec->name, spec->stream, error_words(answer));
    json_decref(answer);
    return result;
}

static int other_filter(const struct durable_spec *spec, const json_t *config, struct error *error)
{
    const char *single = json_string_value(json_object_get(config, "filter_subject"));
    _cleanup_(cleanup_free) char *several =
        json_dumps(json_object_get(config, "filter_subjects"), JSON_COMPACT);
    return error_set(
        error, EX_CONFIG,
        "consumer '%s' of stream '%s' already exists with another filter (%s): changing it "
        "would skip jobs for ever; give this one another --durable",
        spec->name, spec->stream,
        single    ? single
        : several ? several
                  : "all subjects");
}

/* Workers that count differently would bury each other's jobs early, or late. */
static int workers_disagree(const struct durable_spec *spec, const struct durable_state *state,
                            struct error *error)
{
    char theirs[64] = "--max-deliver";
    if (state->attempts)
        snprintf(theirs, sizeof theirs, "--attempts %" PRId64, state->attempts);
    return error_set(
        error, EX_CONFIG,
        "other workers use consumer '%s' of stream '%s' with %s now: give this one the "
        "same, or stop them first",
        spec->name, spec->stream, theirs);
}

static int check_settings(const struct durable_spec *spec, const json_t *config,
                          struct error *error)
{
    struct settings_target target = {SETTINGS_DURABLE, spec->stream, spec->name, 0};
    return settings_judge(&target, config, NULL, error);
}

/* What is there is used, changed as far as the user asked for it, or refused. 1: made anew. */
static int adopt(struct requester *requester, const struct durable_spec *spec,
                 const struct log *log, json_t *info, struct durable_state *state,
                 struct error *error)
{
    json_t *config = json_object_get(info, "config");
    char changes[512];
    if (!spec->bind && !durable_same_filters(spec, config)) {
        if (!spec->may_recreate || !spec->may_recreate(spec, config))
            return other_filter(spec, config, error);
        log_info(log, "consumer %s has another filter: recreating it", spec->name);
        return delete_it(requester, spec, error) < 0 ? -1 : 1;
    }
    if (check_settings(spec, config, error) < 0)
        return -1;
    read_state(info, state);
    if (spec->bind || !*durable_apply(spec, config, changes, sizeof changes))
        return 0;
    if (state->attempts != durable_attempts(config) &&
        (state->waiting > 0 || state->ack_pending > 0))
        return workers_disagree(spec, state, error);
    log_info(log, "updating consumer %s: %s", spec->name, changes);
    return put_config(requester, spec, "update", json_incref(config), state, error);
}

/* 1: somebody created or deleted it between our look and our change. */
static int ensure_once(struct requester *requester, const struct durable_spec *spec,
                       const struct log *log, struct durable_state *state, struct error *error)
{
    json_t *info = NULL;
    int there = fetch_info(requester, spec->stream, spec->name, &info, error), result = there;
    if (there == 0)
        result = adopt(requester, spec, log, info, state, error);
    else if (there == 2)
        result = error_set(error, EX_UNAVAILABLE, "there is no stream '%s'", spec->stream);
    else if (there == 1 && spec->bind)
        result = error_set(error, EX_UNAVAILABLE, "stream '%s' has no consumer '%s' to --bind to",
                           spec->stream, spec->name);
    else if (there == 1)
        result = put_config(
            requester, spec, "create",
            spec->as_it_was ? json_deep_copy(spec->as_it_was) : durable_config(spec), state, error);
    json_decref(info);
    return result;
}

int durable_ensure(struct requester *requester, const struct durable_spec *spec,
                   const struct log *log, struct durable_state *state, struct error *error)
{
    enum { TRIES = 10 };
    static const int64_t between = 100 * DURATION_MS;
    for (int i = 0; i < TRIES; i++) {
        int result = ensure_once(requester, spec, log, state, error);
        if (result != 1)
            return result;
        (void)stop_wait(between); /* a stop shortens the wait and is not an error */
    }
    return error_set(error, EX_UNAVAILABLE,
                     "consumer '%s' of stream '%s' appears and vanishes: is another program making "
                     "and deleting it?",
                     spec->name, spec->stream);
}

/* As durable_look_up; -1 also for settings that are refused. */
static int look_for(struct requester *requester, const struct durable_spec *spec,
                    struct error *error)
{
    json_t *info = NULL;
    int there = fetch_info(requester, spec->stream, spec->name, &info, error);
    if (there == 0)
        there = check_settings(spec, json_object_get(info, "config"), error);
    json_decref(info);
    return there;
}

/* Waiting would not help: its settings are refused, or we may not look at it or make it. */
static bool is_final(int there, const struct error *error)
{
    return error->exit_code == EX_NOPERM || (there < 0 && error->exit_code == EX_CONFIG);
}

int durable_restore(struct requester *requester, const struct durable_spec *spec,
                    const struct log *log)
{
    static const int64_t between = 500 * DURATION_MS;
    struct durable_state state;
    for (bool said = false, said_gone = false;; said = true) {
        struct error error = {0};
        int there = look_for(requester, spec, &error);
        if (there == 0)
            return 0;
        if (there == 1 && !spec->bind) {
            if (!said_gone)
                log_warn(log, "consumer %s of %s is gone: recreating it", spec->name, spec->stream);
            said_gone = true;
            if (durable_ensure(requester, spec, log, &state, &error) == 0)
                return 0;
        } else if (there > 0)
            error_set(&error, EX_UNAVAILABLE, "%s '%s' is gone", there == 2 ? "stream" : "consumer",
                      there == 2 ? spec->stream : spec->name);
        if (is_final(there, &error)) {
            stop_because(&error);
            return 1;
        }
        if (!said)
            log_warn(log, "waiting: %s", error.text);
        if (stop_wait(between))
            return 1;
    }
}
