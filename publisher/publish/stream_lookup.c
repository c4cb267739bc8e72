#include "publish/stream_lookup.h"

#include "base/cleanup.h"
#include "base/stop.h"
#include "base/subject.h"
#include "nats/connection.h"
#include "queue/settings_check.h"
#include "queue/stream.h"

#include <jansson.h>

static bool is_known(const struct stream_lookup *lookup, const char *subject)
{
    size_t i;
    json_t *filter;
    json_array_foreach(lookup->filters, i, filter)
    {
        if (json_is_string(filter) && subject_covers(json_string_value(filter), subject))
            return true;
    }
    return false;
}

/* Settings that this user may not read are not checked. */
static int check_settings(struct stream_lookup *lookup, const char *name, struct error *error)
{
    struct error ignored;
    struct settings_target target = {SETTINGS_ORIGIN, name, NULL, 0};
    _cleanup_(cleanup_requester) struct requester *requester = NULL;
    if (requester_open(&requester, lookup->connection, &ignored) < 0)
        return 0;
    return settings_check(&target, requester, connection_log(lookup->connection), error);
}

/* Remembers the subject alone where we may not read the stream's configuration. Without memory the
 * subject is looked up again the next time. */
static void remember_stream(struct stream_lookup *lookup, const char *name, const char *subject)
{
    struct error ignored, refused;
    _cleanup_(json_decrefp) json_t *info = NULL;
    if (check_settings(lookup, name, &refused) < 0)
        stop_because(&refused);
    if (!lookup->filters)
        lookup->filters = json_array();
    if (stream_look_up(lookup->connection, name, false, &info, &ignored) == 0)
        json_array_extend(lookup->filters,
                          json_object_get(json_object_get(info, "config"), "subjects"));
    else
        json_array_append_new(lookup->filters, json_string(subject));
}

int stream_lookup_require(struct stream_lookup *lookup, const char *subject, bool wait,
                          struct error *error)
{
    char name[300];
    connection_mute_denials(lookup->connection, true);
    int result = stream_of_subject(lookup->connection, subject, wait, name, sizeof name, error);
    if (result == 0)
        result = check_settings(lookup, name, error);
    connection_mute_denials(lookup->connection, false);
    lookup->is_denied = result < 0 && error->exit_code == EX_NOPERM;
    return lookup->is_denied ? 0 : result;
}

bool stream_lookup_has(struct stream_lookup *lookup, const char *subject)
{
    char name[300];
    if (lookup->is_denied || is_known(lookup, subject))
        return true;
    connection_mute_denials(lookup->connection, true);
    int found = stream_find(lookup->connection, subject, name, sizeof name);
    lookup->is_denied = found == 2;
    if (found == 0)
        remember_stream(lookup, name, subject);
    connection_mute_denials(lookup->connection, false);
    return found != 1;
}

void stream_lookup_release(struct stream_lookup *lookup)
{
    json_decref(lookup->filters);
    *lookup = (struct stream_lookup){0};
}
