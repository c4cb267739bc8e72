/* settings_watch: the settings of both streams, judged when a verb begins and while `run` runs. */
#ifndef NATSQ_SETTINGS_WATCH_H
#define NATSQ_SETTINGS_WATCH_H

#include "queue/settings_check.h"
#include "streams/dlq_durable.h"

struct dlq;

struct settings_watch {
    const struct dlq *dlq;
    struct requester *requester;
    struct json_t *origin_config; /* as it was at the start; NULL: the server did not say */
    struct settings_target origin, letters, durables[2];
    char names[2][DLQ_DURABLE_NAME_MAX]; /* of these durables */
    size_t n_durables;
};

/* -1 (78) for a setting that is refused, unless the verb only reads: then it is a warning. */
int settings_watch_open(struct settings_watch *watch, const struct dlq *dlq, struct error *error);
void settings_watch_close(struct settings_watch *watch);

/* Looks at one of our durables on the DLQ stream too, from the next look on. */
void settings_watch_add(struct settings_watch *watch, const char *name);

/* The same again: a setting that changed meanwhile. */
int settings_watch_look(struct settings_watch *watch, struct error *error);

/* Looks at once and every few seconds until a stop is requested; requests it for what is refused.
 */
void settings_watch_run(struct settings_watch *watch);

#endif
