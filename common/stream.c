#include "stream.h"

#include "duration.h"
#include "stop.h"
#include "subject.h"

#include <string.h>

static const int64_t wait_between = 500 * DURATION_MS;

/* Says once what is waited for; true when a stop was requested. */
static bool wait_for(struct connection *connection, bool *said, const struct error *error)
{
    if (!*said)
        log_info(connection_log(connection), "waiting: %s", error->text);
    *said = true;
    return stop_wait(wait_between);
}

static int look_up_once(struct connection *connection, const char *name, jsStreamInfo **info,
                        struct error *error)
{
    jsErrCode code = 0;
    natsStatus s = js_GetStreamInfo(info, connection_js(connection), name, NULL, &code);
    if (s == NATS_OK)
        return 0;
    if (code == JSStreamNotFoundErr)
        return error_set(error, EX_UNAVAILABLE,
                         "there is no stream '%s': create it with scripts/create-streams, or see "
                         "'nats stream ls'",
                         name);
    if (s == NATS_NO_RESPONDERS || code == JSNotEnabledErr || code == JSNotEnabledForAccountErr)
        return error_set(error, EX_UNAVAILABLE,
                         "cannot look up stream '%s': JetStream is not enabled on this server or "
                         "for this account",
                         name);
    if (s == NATS_TIMEOUT)
        return error_set(error, EX_UNAVAILABLE,
                         "cannot look up stream '%s': no answer in time (may this user use "
                         "$JS.API.STREAM.INFO.%s?)",
                         name, name);
    return error_nats(error, s, "cannot look up stream '%s'", name);
}

int stream_look_up(struct connection *connection, const char *name, bool wait, jsStreamInfo **info,
                   struct error *error)
{
    for (bool said = false;;) {
        int result = look_up_once(connection, name, info, error);
        if (result == 0 || !wait || error->exit_code != EX_UNAVAILABLE)
            return result;
        if (wait_for(connection, &said, error))
            return 1;
    }
}

bool stream_carries_all(const jsStreamInfo *info, const char *filter)
{
    for (int i = 0; i < info->Config->SubjectsLen; i++)
        if (subject_covers(info->Config->Subjects[i], filter))
            return true;
    return false;
}

bool stream_carries_some(const jsStreamInfo *info, const char *filter)
{
    for (int i = 0; i < info->Config->SubjectsLen; i++)
        if (subject_overlap(info->Config->Subjects[i], filter))
            return true;
    return false;
}

bool stream_server_at_least(const jsStreamInfo *info, int major, int minor, char version[32])
{
    const natsMetadata *metadata = &info->Config->Metadata;
    int has_major = 0, has_minor = 0;
    snprintf(version, 32, "older than 2.11");
    for (int i = 0; i < metadata->Count; i++) /* name, value, name, value, … */
        if (strcmp(metadata->List[2 * i], "_nats.ver") == 0)
            snprintf(version, 32, "%s", metadata->List[2 * i + 1]);
    if (sscanf(version, "%d.%d", &has_major, &has_minor) != 2)
        return false;
    return has_major > major || (has_major == major && has_minor >= minor);
}

const char *stream_subjects_text(const jsStreamInfo *info, char *text, size_t size)
{
    size_t used = 0;
    text[0] = '\0';
    for (int i = 0; i < info->Config->SubjectsLen && used < size; i++)
        used += (size_t)snprintf(text + used, size - used, "%s%s", i ? ", " : "",
                                 info->Config->Subjects[i]);
    return text;
}

/* Whether a stream has the subject; what the server said is in `status`. */
static bool find(struct connection *connection, const char *subject, char *name, size_t size,
                 natsStatus *status)
{
    jsStreamNamesList *list = NULL;
    jsErrCode code = 0;
    jsOptions options;
    jsOptions_Init(&options);
    options.Stream.Info.SubjectsFilter = subject;
    *status = js_StreamNames(&list, connection_js(connection), &options, &code);
    bool found = *status == NATS_OK && list->Count > 0;
    if (found)
        snprintf(name, size, "%s", list->List[0]);
    jsStreamNamesList_Destroy(list);
    return found;
}

int stream_find(struct connection *connection, const char *subject, char *name, size_t size)
{
    natsStatus s;
    if (find(connection, subject, name, size, &s))
        return 0;
    return s == NATS_OK || s == NATS_NOT_FOUND ? 1 : -1;
}

static int find_once(struct connection *connection, const char *subject, char *name, size_t size,
                     struct error *error)
{
    natsStatus s;
    if (find(connection, subject, name, size, &s))
        return 0;
    if (s == NATS_OK || s == NATS_NOT_FOUND)
        return error_set(error, EX_UNAVAILABLE,
                         "no stream has the subject '%s': create one with scripts/create-streams",
                         subject);
    if (s == NATS_NO_RESPONDERS)
        return error_set(error, EX_UNAVAILABLE,
                         "JetStream is not enabled on this server or for this account");
    return error_nats(error, s, "cannot look up the stream of '%s'", subject);
}

int stream_of_subject(struct connection *connection, const char *subject, bool wait, char *name,
                      size_t size, struct error *error)
{
    for (bool said = false;;) {
        int result = find_once(connection, subject, name, size, error);
        if (result == 0 || !wait || error->exit_code != EX_UNAVAILABLE)
            return result;
        if (wait_for(connection, &said, error))
            return 1;
    }
}
