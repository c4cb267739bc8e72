#include "streams/settings_watch.h"

#include "base/duration.h"
#include "base/stop.h"
#include "dlq.h"
#include "verb.h"

#include <jansson.h>

static const int64_t check_every = 5 * DURATION_S;

static int check(struct settings_watch *watch, struct settings_target *target, struct error *error)
{
    int result = settings_check(target, watch->dlq->requester, watch->dlq->log, error);
    if (result == 0 || !(watch->dlq->options->verb->takes & VERB_READS))
        return result;
    log_warn(watch->dlq->log, "%s", error->text);
    return 0;
}

static int check_all(struct settings_watch *watch, struct error *error)
{
    int result = check(watch, &watch->origin, error);
    if (result == 0)
        result = check(watch, &watch->letters, error);
    for (size_t i = 0; i < watch->n_durables && result == 0; i++)
        result = check(watch, &watch->durables[i], error);
    return result;
}

int settings_watch_open(struct settings_watch *watch, const struct dlq *dlq, struct error *error)
{
    *watch = (struct settings_watch){
        .dlq = dlq,
        .origin = {SETTINGS_ORIGIN, dlq->options->origin, NULL, 0},
        .letters = {SETTINGS_DLQ, dlq->options->stream, NULL, 0},
    };
    watch->origin_config = settings_read(&watch->origin, dlq->requester);
    return check_all(watch, error);
}

void settings_watch_close(struct settings_watch *watch)
{
    json_decref(watch->origin_config);
}

void settings_watch_add(struct settings_watch *watch, const char *name)
{
    size_t i = watch->n_durables++;
    snprintf(watch->names[i], sizeof watch->names[i], "%s", name);
    watch->durables[i] =
        (struct settings_target){SETTINGS_DURABLE, watch->letters.stream, watch->names[i], 0};
}

void settings_watch_run(struct settings_watch *watch)
{
    struct error error;
    requester_abandon_on_stop(watch->dlq->requester);
    do
        if (check_all(watch, &error) < 0)
            stop_because(&error);
    while (!stop_wait(check_every));
}
