/* settings_watch: checks the settings of both streams when a verb begins and while `run` runs. */
#ifndef NATSQ_SETTINGS_WATCH_H
#define NATSQ_SETTINGS_WATCH_H

#include "queue/settings_check.h"
#include "streams/dlq_durable.h"

struct dlq;

struct settings_watch {
    const struct dlq *dlq;
    struct json_t *origin_config; /* at startup; NULL: the server did not answer */
    struct settings_target origin, letters, durables[2];
    char names[2][DLQ_DURABLE_NAME_MAX]; /* names of the durables that are checked */
    size_t n_durables;
};

/* -1 (78) for a setting that is refused; only a warning when the verb only reads. */
int settings_watch_open(struct settings_watch *watch, const struct dlq *dlq, struct error *error);
void settings_watch_close(struct settings_watch *watch);

/* From the next check on, checks one of our durables on the DLQ stream too. */
void settings_watch_add(struct settings_watch *watch, const char *name);

/* Checks now and every few seconds until a stop is requested; requests a stop for a setting that is
 * refused. */
void settings_watch_run(struct settings_watch *watch);

#endif
