#include "publish/route.h"

#include "base/cleanup.h"
#include "base/stop.h"
#include "base/subject.h"
#include "nats/nats_cleanup.h"
#include "queue/settings_check.h"
#include "queue/stream.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

static bool is_known(const struct route *route, const char *subject)
{
    for (size_t i = 0; i < route->n; i++)
        if (subject_covers(route->filters[i], subject))
            return true;
    return false;
}

/* What does not fit into memory is asked again. */
static void learn(struct route *route, const char *filter)
{
    char **grown = reallocarray(route->filters, route->n + 1, sizeof *grown);
    char *copy = strdup(filter);
    if (grown)
        route->filters = grown;
    if (grown && copy)
        route->filters[route->n++] = copy;
    else
        free(copy);
}

/* A user who may only publish cannot see the settings. */
static int check_settings(struct route *route, const char *name, struct error *error)
{
    struct error ignored;
    struct settings_target target = {SETTINGS_ORIGIN, name, NULL, 0};
    _cleanup_(cleanup_requester) struct requester *requester = NULL;
    if (requester_open(&requester, route->connection, &ignored) < 0)
        return 0;
    return settings_check(&target, requester, connection_log(route->connection), error);
}

/* Where we may not see the stream's subjects, remembers the one that was asked for. */
static void learn_stream(struct route *route, const char *name, const char *subject)
{
    struct error ignored, refused;
    if (check_settings(route, name, &refused) < 0)
        stop_because(&refused);
    size_t i;
    json_t *filter;
    _cleanup_(json_decrefp) json_t *info = NULL;
    if (stream_look_up(route->connection, name, false, &info, &ignored) != 0) {
        learn(route, subject);
        return;
    }
    json_array_foreach(json_object_get(json_object_get(info, "config"), "subjects"), i, filter)
    {
        learn(route, json_string_value(filter));
    }
}

int route_look_up(struct route *route, const char *subject, bool wait, struct error *error)
{
    char name[300];
    connection_hush(route->connection, true);
    int result = stream_of_subject(route->connection, subject, wait, name, sizeof name, error);
    if (result == 0)
        result = check_settings(route, name, error);
    connection_hush(route->connection, false);
    route->is_blind = result < 0 && error->exit_code == EX_NOPERM;
    return route->is_blind ? 0 : result;
}

bool route_leads(struct route *route, const char *subject)
{
    char name[300];
    if (route->is_blind || is_known(route, subject))
        return true;
    connection_hush(route->connection, true);
    int found = stream_find(route->connection, subject, name, sizeof name);
    route->is_blind = found == 2;
    if (found == 0)
        learn_stream(route, name, subject);
    connection_hush(route->connection, false);
    return found != 1;
}

void route_release(struct route *route)
{
    for (size_t i = 0; i < route->n; i++)
        free(route->filters[i]);
    free(route->filters);
    *route = (struct route){0};
}
