/* durable_config: what a durable is to be, as the JSON that the server takes (ADR-37). Pure. */
#ifndef NATSQ_DURABLE_CONFIG_H
#define NATSQ_DURABLE_CONFIG_H

#include "cli/option_row.h"

struct json_t;

#define DURABLE_DEFAULT_NAME "processor"

enum { DURABLE_FILTERS_MAX = 64 };

/* What we want. Options that the user did not give are used to create, never to change. */
struct durable_spec {
    const char *stream, *name, *description;
    const char *filters[DURABLE_FILTERS_MAX];
    size_t n_filters;
    int64_t max_deliver; /* -1: for ever */
    int64_t max_ack_pending;
    /* The workers count: the server delivers for ever (max-deliver -1) and the durable's metadata
     * says `natsq.attempts`; 0: the server counts up to max_deliver. */
    int64_t attempts;
    struct option_durations backoff;
    bool attempts_given, max_deliver_given, max_ack_pending_given, backoff_given;
    bool bind;                /* use it as it is; never make or change it */
    struct json_t *as_it_was; /* what to create in place of all above, or NULL; the caller's */
    /* Whether one with another filter may be deleted and recreated; NULL: never. */
    bool (*may_recreate)(const struct durable_spec *spec, const struct json_t *config);
    const void *closure; /* for it */
};

/* The configuration that durable_ensure creates, as JSON. */
struct json_t *durable_config_create(const struct durable_spec *spec);

/* Sets what the user gave and what differs; returns a text that names each ("max_deliver 2 → 5"),
 * empty when nothing differs. */
const char *durable_config_update(const struct durable_spec *spec, struct json_t *config,
                                  char *text, size_t size);

/* The metadata's `natsq.attempts`; 0 where the server counts. */
int64_t durable_config_attempts(const struct json_t *config);

/* Whether the configuration's filters are the wanted ones, in any order. */
bool durable_config_has_filters(const struct durable_spec *spec, const struct json_t *config);

#endif
