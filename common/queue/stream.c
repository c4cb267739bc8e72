#include "queue/stream.h"

#include "base/await.h"
#include "base/program_name.h"
#include "base/stop.h"
#include "nats/api_answer.h"
#include "queue/stored_subjects.h"

#include <jansson.h>
#include <string.h>

/* Checks an answer, which must have this part; `doing` and `name` are for the error's text. */
static int check_answer(const json_t *answer, const char *part, const char *doing, const char *name,
                        struct error *error)
{
    int code = api_answer_error(answer);
    if (code == 0 && json_object_get(answer, part))
        return 0;
    if (code == 0)
        return error_set(
            error, EX_UNAVAILABLE,
            "%s: the answer is not JetStream's; are --js-api-prefix and --js-domain right?", doing);
    if (code == JSStreamNotFoundErr)
        return error_set(error, EX_UNAVAILABLE,
                         "there is no stream '%s': create it with %s, or see '%s stream ls'", name,
                         program_stream_maker(), program_call("nats"));
    if (code == JSNotEnabledErr || code == JSNotEnabledForAccountErr)
        return error_set(error, EX_UNAVAILABLE,
                         "%s: JetStream is not enabled on this server or for this account", doing);
    return error_set(error, EX_UNAVAILABLE, "%s: %s", doing, api_answer_reason(answer));
}

/* Does not use nats.c's call, which waits for its timeout when the request is denied, and ignores a
 * stop. The caller owns the answer. 1: a stop was requested, and `heeds_stop`. */
static int ask(struct connection *connection, const char *operation, const char *body,
               const char *doing, bool heeds_stop, json_t **answer, struct error *error)
{
    _cleanup_(cleanup_requester) struct requester *requester = NULL;
    struct error why = {0};
    if (requester_open(&requester, connection, error) < 0)
        return -1;
    if (heeds_stop)
        requester_abandon_on_stop(requester);
    *answer = requester_api(requester, operation, body, &why);
    if (*answer)
        return 0;
    error_set(error, why.exit_code, "%s: %s", doing, why.text);
    return heeds_stop && stop_requested() ? 1 : -1;
}

static int look_up_once(struct connection *connection, const char *name, json_t **info,
                        struct error *error)
{
    char operation[REQUEST_SUBJECT_MAX], doing[REQUEST_SUBJECT_MAX];
    _cleanup_(json_decrefp) json_t *answer = NULL;
    snprintf(operation, sizeof operation, "STREAM.INFO.%s", name);
    snprintf(doing, sizeof doing, "cannot look up stream '%.300s'", name);
    int result = ask(connection, operation, NULL, doing, true, &answer, error);
    if (result == 0)
        result = check_answer(answer, "config", doing, name, error);
    if (result == 0)
        *info = take(answer);
    return result;
}

int stream_look_up(struct connection *connection, const char *name, bool wait, json_t **info,
                   struct error *error)
{
    struct await await = {.wait = wait, .log = connection_log(connection)};
    int result;
    do
        result = look_up_once(connection, name, info, error);
    while (await_again(&await, &result, error));
    return result;
}

json_t *stream_info(struct requester *requester, const char *name, const char *filter,
                    size_t offset, struct error *error)
{
    char operation[REQUEST_SUBJECT_MAX];
    snprintf(operation, sizeof operation, "STREAM.INFO.%s", name);
    if (!filter)
        return requester_api(requester, operation, NULL, error);
    _cleanup_(cleanup_free) char *body = requester_json_body(
        json_pack("{s:s, s:I}", "subjects_filter", filter, "offset", (json_int_t)offset), error);
    return body ? requester_api(requester, operation, body, error) : NULL;
}

static json_t *member(const json_t *info, const char *part, const char *key)
{
    return json_object_get(json_object_get(info, part), key);
}

int64_t stream_number(const json_t *info, const char *part, const char *key)
{
    return json_integer_value(member(info, part, key));
}

const char *stream_text(const json_t *info, const char *part, const char *key)
{
    const char *text = json_string_value(member(info, part, key));
    return text ? text : "";
}

bool stream_carries_all(const json_t *info, const char *filter)
{
    return stored_subjects_listens_to(json_object_get(info, "config"), filter);
}

bool stream_server_at_least(const json_t *info, int major, int minor, char version[32])
{
    const json_t *metadata = member(info, "config", "metadata");
    const char *found = json_string_value(json_object_get(metadata, "_nats.ver"));
    int has_major = 0, has_minor = 0;
    snprintf(version, 32, "%s", found ? found : "older than 2.11");
    if (sscanf(version, "%d.%d", &has_major, &has_minor) != 2)
        return false;
    return has_major > major || (has_major == major && has_minor >= minor);
}

/* 0 and its name; 1 at a stop; 2 when no stream has the subject; or -1. */
static int find(struct connection *connection, const char *subject, char *name, size_t size,
                struct error *error)
{
    char doing[REQUEST_SUBJECT_MAX];
    _cleanup_(json_decrefp) json_t *answer = NULL;
    snprintf(doing, sizeof doing, "cannot look up the stream of '%.500s'", subject);
    _cleanup_(cleanup_free) char *body =
        requester_json_body(json_pack("{s:s}", "subject", subject), error);
    if (!body)
        return -1;
    int result = ask(connection, "STREAM.NAMES", body, doing, !stop_requested(), &answer, error);
    if (result == 0)
        result = check_answer(answer, "total", doing, subject, error);
    const char *found = json_string_value(json_array_get(json_object_get(answer, "streams"), 0));
    if (found)
        snprintf(name, size, "%s", found);
    return result != 0 ? result : found ? 0 : 2;
}

int stream_find(struct connection *connection, const char *subject, char *name, size_t size)
{
    struct error error = {0};
    int result = find(connection, subject, name, size, &error);
    if (result < 0)
        return error.exit_code == EX_NOPERM ? 2 : -1;
    return result == 0 ? 0 : result == 2 ? 1 : -1;
}

static int find_once(struct connection *connection, const char *subject, char *name, size_t size,
                     struct error *error)
{
    int result = find(connection, subject, name, size, error);
    if (result == 2)
        return error_set(error, EX_UNAVAILABLE,
                         "no stream has the subject '%s': create one with %s, or list the "
                         "existing ones with '%s stream ls'",
                         subject, program_stream_maker(), program_call("nats"));
    return result;
}

int stream_of_subject(struct connection *connection, const char *subject, bool wait, char *name,
                      size_t size, struct error *error)
{
    struct await await = {.wait = wait, .log = connection_log(connection)};
    int result;
    do
        result = find_once(connection, subject, name, size, error);
    while (await_again(&await, &result, error));
    return result;
}
