/* durable_config: the configuration that a durable should have, as the server's JSON (ADR-37).
 * Pure. */
#ifndef NATSQ_DURABLE_CONFIG_H
#define NATSQ_DURABLE_CONFIG_H

#include "cli/option_row.h"

struct json_t;

#define DURABLE_DEFAULT_NAME "processor"

enum { DURABLE_FILTERS_MAX = 64 };

/* What a worker runs, as far as the durable is concerned. */
enum durable_handler {
    DURABLE_ANY_HANDLER,
    DURABLE_COMMAND, /* a durable that it creates is marked: metadata `natsq.handler: command`; one
                        that it recreates is as it was */
    DURABLE_BUILTIN, /* refuses a durable with that mark: it would only log the jobs */
};

/* The durable that the user wants. Options that the user did not give count when it is created, and
 * never change it. */
struct durable_spec {
    const char *stream, *name, *description;
    const char *filters[DURABLE_FILTERS_MAX];
    size_t n_filters;
    int64_t max_deliver; /* -1: forever */
    int64_t max_ack_pending;
    /* Above 0: the workers count the attempts; the server redelivers forever (max-deliver -1), and
     * the durable's metadata has `natsq.attempts`. 0: the server counts, up to max_deliver. */
    int64_t attempts;
    struct option_durations backoff;
    bool attempts_given, max_deliver_given, max_ack_pending_given, backoff_given;
    enum durable_handler handler;
    bool bind;                /* use it as it is; never create or change it */
    bool update;              /* change it where the given options differ; else that is an error */
    struct json_t *as_it_was; /* borrowed: create this instead of all the above; or NULL */
    /* Whether a durable with another filter may be deleted and recreated; NULL: never. */
    bool (*may_recreate)(const struct durable_spec *spec, const struct json_t *config);
    const void *closure; /* passed to may_recreate */
};

/* The configuration of a new durable, or of one that is recreated (as_it_was). The caller owns
 * it. */
struct json_t *durable_config_create(const struct durable_spec *spec);

/* Makes `config` what the options that the user gave say. */
void durable_config_apply(const struct durable_spec *spec, struct json_t *config);

/* `natsq.attempts` of the metadata; 0: the server counts. */
int64_t durable_config_attempts(const struct json_t *config);

/* Whether a worker with a COMMAND created it. */
bool durable_config_is_for_command(const struct json_t *config);

/* Whether `config` has the filters of `spec`, in any order. */
bool durable_config_has_filters(const struct durable_spec *spec, const struct json_t *config);

#endif
