#include "queue/durable.h"

#include "base/duration.h"
#include "base/program_name.h"
#include "base/stop.h"
#include "nats/api_answer.h"
#include "queue/durable_changes.h"
#include "queue/settings_check.h"

#include <inttypes.h>
#include <jansson.h>

/* Sends "CONSUMER.<verb>.<stream>.<name>". */
static json_t *request(struct requester *requester, const char *verb, const char *stream,
                       const char *name, const char *body, struct error *error)
{
    char operation[REQUEST_SUBJECT_MAX];
    snprintf(operation, sizeof operation, "CONSUMER.%s.%s.%s", verb, stream, name);
    return requester_api(requester, operation, body, error);
}

static int fetch_info(struct requester *requester, const char *stream, const char *name,
                      json_t **info, struct error *error)
{
    _cleanup_(json_decrefp) json_t *answer = request(requester, "INFO", stream, name, NULL, error);
    if (!answer)
        return -1;
    switch (api_answer_error(answer)) {
    case JSConsumerNotFoundErr:
        return DURABLE_NO_CONSUMER;
    case JSStreamNotFoundErr:
        return DURABLE_NO_STREAM;
    }
    if (json_object_get(answer, "error") || !json_object_get(answer, "config"))
        return error_set(error, EX_UNAVAILABLE, "cannot look up consumer '%s' of '%s': %s", name,
                         stream, api_answer_reason(answer));
    *info = take(answer);
    return DURABLE_FOUND;
}

int durable_look_up(struct requester *requester, const char *stream, const char *name,
                    struct durable_state *state, json_t **info, struct error *error)
{
    _cleanup_(json_decrefp) json_t *answer = NULL;
    int found = fetch_info(requester, stream, name, &answer, error);
    if (found == DURABLE_FOUND)
        durable_state_read(state, answer);
    if (found == DURABLE_FOUND && info)
        *info = take(answer);
    return found;
}

static int no_stream(const struct durable_spec *spec, struct error *error)
{
    return error_set(error, EX_UNAVAILABLE, "there is no stream '%s'", spec->stream);
}

static int refused(const struct durable_spec *spec, const char *action, const json_t *answer,
                   struct error *error)
{
    int code = api_answer_error(answer);
    if (code == JSStreamNotFoundErr)
        return no_stream(spec, error);
    bool is_taken =
        code == JSConsumerWQConsumerNotUniqueErr || code == JSConsumerWQMultipleUnfilteredErr;
    if (is_taken && spec->may_recreate)
        return error_set(error, EX_CONFIG,
                         "another consumer of stream '%s' takes what is meant for '%s' (%s): "
                         "remove it ('%s consumer ls %s' lists them)",
                         spec->stream, spec->name, spec->filters[0], program_call("nats"),
                         spec->stream);
    if (is_taken)
        return error_set(
            error, EX_CONFIG,
            "another consumer of stream '%s' has subjects of '%s', and a work queue delivers each "
            "job to one consumer: use that one with --durable ('%s consumer ls %s' lists them)",
            spec->stream, spec->filters[0], program_call("nats"), spec->stream);
    return error_set(error, EX_CONFIG, "cannot %s consumer '%s' of stream '%s': %s", action,
                     spec->name, spec->stream, api_answer_reason(answer));
}

/* `action` is "create" or "update" (ADR-42); takes ownership of `config`. 1: someone else was
 * faster. */
static int put_config(struct requester *requester, const struct durable_spec *spec,
                      const char *action, json_t *config, struct durable_state *state,
                      struct error *error)
{
    _cleanup_(cleanup_free) char *body =
        requester_json_body(json_pack("{s:s, s:o, s:s}", "stream_name", spec->stream, "config",
                                      config, "action", action),
                            error);
    if (!body)
        return -1;
    _cleanup_(json_decrefp) json_t *answer =
        request(requester, "CREATE", spec->stream, spec->name, body, error);
    if (!answer)
        return -1;
    if (api_answer_error(answer) == JSConsumerAlreadyExistsErr)
        return 1;
    if (json_object_get(answer, "error"))
        return refused(spec, action, answer, error);
    durable_state_read(state, answer);
    return 0;
}

static int delete_durable(struct requester *requester, const struct durable_spec *spec,
                          struct error *error)
{
    _cleanup_(json_decrefp) json_t *answer =
        request(requester, "DELETE", spec->stream, spec->name, NULL, error);
    if (!answer)
        return -1;
    int code = api_answer_error(answer);
    if (code == 0 || code == JSConsumerNotFoundErr)
        return 0;
    return error_set(error, EX_CONFIG, "cannot delete consumer '%s' of '%s': %s", spec->name,
                     spec->stream, api_answer_reason(answer));
}

static int other_filter(const struct durable_spec *spec, const json_t *config, struct error *error)
{
    const char *single = json_string_value(json_object_get(config, "filter_subject"));
    _cleanup_(cleanup_free) char *several =
        json_dumps(json_object_get(config, "filter_subjects"), JSON_COMPACT);
    return error_set(error, EX_CONFIG,
                     "consumer '%s' of stream '%s' already exists with another filter (%s): "
                     "changing it would skip jobs forever; give this one another --durable",
                     spec->name, spec->stream,
                     single    ? single
                     : several ? several
                               : "all subjects");
}

/* Workers that count differently would declare each other's jobs dead too early, or too late. */
static int workers_disagree(const struct durable_spec *spec, const struct durable_state *state,
                            struct error *error)
{
    char theirs[64] = "--max-deliver", wait[DURATION_TEXT_MAX];
    if (state->attempts)
        snprintf(theirs, sizeof theirs, "--attempts %" PRId64, state->attempts);
    return error_set(error, EX_CONFIG,
                     "other workers use consumer '%s' of stream '%s' with %s now: give this one "
                     "the same, or stop them first and wait %s, until the leases of their jobs "
                     "are over",
                     spec->name, spec->stream, theirs,
                     duration_format(durable_longest_quiet(state), wait));
}

/* `changes` are what the options would change. */
static int differs(const struct durable_spec *spec, bool changes_counting, const char *changes,
                   struct error *error)
{
    return error_set(error, EX_CONFIG,
                     "the options differ from consumer '%s' of stream '%s', which other workers "
                     "may share: %s. Leave them out to use it as it is, or %s",
                     spec->name, spec->stream, changes,
                     changes_counting ? "stop its workers and add --update"
                                      : "add --update to change it for all its workers");
}

int durable_check(const struct durable_spec *spec, const json_t *config, struct error *error)
{
    struct settings_target target = {SETTINGS_DURABLE, spec->stream, spec->name, 0};
    if (spec->handler == DURABLE_BUILTIN && durable_config_is_for_command(config))
        return error_set(error, EX_CONFIG,
                         "consumer '%s' of stream '%s' was created by a worker with a COMMAND, and "
                         "the built-in handler would only log its jobs and acknowledge them: add "
                         "'-- COMMAND', or --builtin if that is what you want",
                         spec->name, spec->stream);
    return settings_judge(&target, config, NULL, error);
}

/* A job that always fails is in flight forever, also when no worker is left. */
static bool may_have_workers(const struct durable_state *state)
{
    return state->waiting > 0 || (state->ack_pending > 0 && !durable_leases_are_over(state));
}

/* Refuses options that differ from the existing durable, or updates it with --update. */
static int apply_options(struct requester *requester, const struct durable_spec *spec,
                         const struct log *log, const json_t *config, struct durable_state *state,
                         struct error *error)
{
    char changes[DURABLE_CHANGES_MAX];
    _cleanup_(json_decrefp) json_t *wanted = json_deep_copy(config);
    durable_config_apply(spec, wanted);
    if (!*durable_changes(config, wanted, changes, sizeof changes))
        return 0;
    bool changes_counting = state->attempts != durable_config_attempts(wanted);
    if (!spec->update)
        return differs(spec, changes_counting, changes, error);
    if (changes_counting && may_have_workers(state))
        return workers_disagree(spec, state, error);
    log_info(log, "updating consumer %s: %s", spec->name, changes);
    return put_config(requester, spec, "update", take(wanted), state, error);
}

/* Uses the existing durable as far as it suits. 1: it was deleted because of its filter. */
static int adopt(struct requester *requester, const struct durable_spec *spec,
                 const struct log *log, const json_t *info, struct durable_state *state,
                 struct error *error)
{
    const json_t *config = json_object_get(info, "config");
    if (!spec->bind && !durable_config_has_filters(spec, config)) {
        if (!spec->may_recreate || !spec->may_recreate(spec, config))
            return other_filter(spec, config, error);
        log_info(log, "consumer %s has another filter: recreating it", spec->name);
        return delete_durable(requester, spec, error) < 0 ? -1 : 1;
    }
    if (durable_check(spec, config, error) < 0)
        return -1;
    durable_state_read(state, info);
    if (spec->bind || spec->as_it_was)
        return 0;
    return apply_options(requester, spec, log, config, state, error);
}

/* 1: it has to be looked up again, because it was created or deleted meanwhile. */
static int ensure_once(struct requester *requester, const struct durable_spec *spec,
                       const struct log *log, struct durable_state *state, struct error *error)
{
    _cleanup_(json_decrefp) json_t *info = NULL;
    switch (fetch_info(requester, spec->stream, spec->name, &info, error)) {
    case DURABLE_FOUND:
        return adopt(requester, spec, log, info, state, error);
    case DURABLE_NO_STREAM:
        return no_stream(spec, error);
    case DURABLE_NO_CONSUMER:
        if (spec->bind)
            return error_set(error, EX_UNAVAILABLE, "stream '%s' has no consumer '%s' to --bind to",
                             spec->stream, spec->name);
        return put_config(requester, spec, "create", durable_config_create(spec), state, error);
    }
    return -1;
}

int durable_ensure(struct requester *requester, const struct durable_spec *spec,
                   const struct log *log, struct durable_state *state, struct error *error)
{
    enum { TRIES = 10 };
    static const int64_t pause = 100 * DURATION_MS;
    for (int i = 0; i < TRIES; i++) {
        int result = ensure_once(requester, spec, log, state, error);
        if (result != 1)
            return result;
        (void)stop_wait(pause); /* a stop shortens the pause and is not an error */
    }
    return error_set(error, EX_UNAVAILABLE,
                     "consumer '%s' of stream '%s' appears and vanishes: is another program "
                     "creating and deleting it?",
                     spec->name, spec->stream);
}

/* Waiting would not help. */
static bool is_final(int found, const struct error *error)
{
    return error->exit_code == EX_NOPERM || (found < 0 && error->exit_code == EX_CONFIG);
}

/* Returns an enum durable_found; -1 also for settings that are refused. */
static int look_for(struct requester *requester, const struct durable_spec *spec,
                    struct error *error)
{
    _cleanup_(json_decrefp) json_t *info = NULL;
    int found = fetch_info(requester, spec->stream, spec->name, &info, error);
    if (found == DURABLE_FOUND && durable_check(spec, json_object_get(info, "config"), error) < 0)
        return -1;
    return found;
}

/* Unless it is there or was recreated (DURABLE_FOUND), the error says what is missing. */
static int find_or_recreate(struct requester *requester, const struct durable_spec *spec,
                            const struct log *log, bool *is_loss_logged, struct error *error)
{
    struct durable_state state;
    int found = look_for(requester, spec, error);
    if (found == DURABLE_NO_STREAM)
        error_set(error, EX_UNAVAILABLE, "stream '%s' is gone", spec->stream);
    if (found == DURABLE_NO_CONSUMER && spec->bind)
        error_set(error, EX_UNAVAILABLE, "consumer '%s' is gone", spec->name);
    if (found != DURABLE_NO_CONSUMER || spec->bind)
        return found;
    if (!*is_loss_logged)
        log_warn(log, "consumer %s of %s is gone: recreating it", spec->name, spec->stream);
    *is_loss_logged = true;
    return durable_ensure(requester, spec, log, &state, error) == 0 ? DURABLE_FOUND : found;
}

int durable_restore(struct requester *requester, const struct durable_spec *spec,
                    const struct log *log)
{
    static const int64_t pause = 500 * DURATION_MS;
    bool is_loss_logged = false;
    for (bool is_wait_logged = false;; is_wait_logged = true) {
        struct error error = {0};
        int found = find_or_recreate(requester, spec, log, &is_loss_logged, &error);
        if (found == DURABLE_FOUND)
            return 0;
        if (is_final(found, &error)) {
            stop_because(&error);
            return 1;
        }
        if (!is_wait_logged)
            log_warn(log, "waiting: %s", error.text);
        if (stop_wait(pause))
            return 1;
    }
}
