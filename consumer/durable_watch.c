#include "durable_watch.h"

#include "base/await.h"
#include "base/buffer.h"
#include "base/stop.h"
#include "queue/durable_changes.h"
#include "queue/settings_check.h"

#include <jansson.h>
#include <pthread.h>
#include <stdlib.h>

struct durable_watch {
    const struct log *log;
    const struct durable_spec *spec;
    pthread_mutex_t lock; /* protects everything below */
    struct durable_state state;
    struct settings_target settings;
    json_t *info; /* never shared: jansson's reference counts are not thread-safe */
};

/* All workers use the new settings, no matter who changed them. */
static void log_changes(const struct durable_watch *watch, const json_t *config,
                        const struct durable_state *state)
{
    char changes[DURABLE_CHANGES_MAX];
    const json_t *was = json_object_get(watch->info, "config");
    _cleanup_(buffer_release) struct buffer now = {0};
    if (!was || !*durable_changes(was, config, changes, sizeof changes))
        return;
    durable_state_describe(state, &now);
    log_warn(watch->log, "settings of consumer %s changed: %s; in force now: %.*s",
             watch->spec->name, changes, (int)now.length, now.bytes);
}

static int judge(struct durable_watch *watch, const json_t *config, struct error *error)
{
    if (durable_check(watch->spec, config, error) < 0)
        return -1;
    return settings_judge(&watch->settings, config, watch->log, error);
}

/* Takes ownership of `info`. */
static int store(struct durable_watch *watch, json_t *info, const struct durable_state *state,
                 struct error *error)
{
    pthread_mutex_lock(&watch->lock);
    int result = judge(watch, json_object_get(info, "config"), error);
    json_t *old = info;
    if (result == 0) {
        log_changes(watch, json_object_get(info, "config"), state);
        old = watch->info;
        watch->info = info;
        watch->state = *state;
    }
    pthread_mutex_unlock(&watch->lock);
    json_decref(old);
    return result;
}

int durable_watch_refresh(struct durable_watch *watch, struct requester *requester,
                          struct error *error)
{
    struct durable_state state;
    struct error ignored = {0};
    json_t *info = NULL;
    if (durable_look_up(requester, watch->spec->stream, watch->spec->name, &state, &info,
                        &ignored) != 0)
        return 0;
    return store(watch, info, &state, error);
}

int durable_watch_open(struct durable_watch **opened, struct requester *requester,
                       const struct durable_spec *spec, bool wait, const struct log *log,
                       struct error *error)
{
    _cleanup_(cleanup_durable_watch) struct durable_watch *watch = calloc(1, sizeof *watch);
    if (!watch)
        return error_set(error, EX_OSERR, "out of memory");
    watch->log = log;
    watch->spec = spec;
    watch->settings = (struct settings_target){SETTINGS_DURABLE, spec->stream, spec->name, 0};
    pthread_mutex_init(&watch->lock, NULL);
    struct await await = {.wait = wait, .log = log};
    int result;
    do
        result = durable_ensure(requester, spec, log, &watch->state, error);
    while (await_again(&await, &result, error));
    if (result != 0)
        return result;
    if (durable_watch_refresh(watch, requester, error) < 0)
        return -1;
    *opened = take(watch);
    return 0;
}

void durable_watch_close(struct durable_watch *watch)
{
    if (!watch)
        return;
    json_decref(watch->info);
    pthread_mutex_destroy(&watch->lock);
    free(watch);
}

void durable_watch_state(struct durable_watch *watch, struct durable_state *state)
{
    pthread_mutex_lock(&watch->lock);
    *state = watch->state;
    pthread_mutex_unlock(&watch->lock);
}

int durable_watch_restore(struct durable_watch *watch, struct requester *requester)
{
    struct durable_spec spec = *watch->spec;
    pthread_mutex_lock(&watch->lock);
    spec.as_it_was = json_deep_copy(json_object_get(watch->info, "config"));
    pthread_mutex_unlock(&watch->lock);
    int result = durable_restore(requester, &spec, watch->log);
    json_decref(spec.as_it_was);
    struct error error = {0};
    if (result == 0 && durable_watch_refresh(watch, requester, &error) < 0) {
        stop_because(&error);
        return 1;
    }
    return result;
}
