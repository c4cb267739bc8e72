/* durable: the server's durable consumers, made, compared and looked at.
 *
 * Through the JSON API itself (ADR-37, nats-server 2.9 on) and not nats.c's js_AddConsumer: that
 * one creates or updates whatever is there, and writes back only the fields that it knows. */
#ifndef NATSQ_DURABLE_H
#define NATSQ_DURABLE_H

#include "exchange.h"

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
    bool remake;              /* ours alone: with another filter it is deleted and made anew */
};

/* What is there. */
struct durable_state {
    int64_t max_deliver, ack_wait, max_ack_pending;
    int64_t attempts; /* the workers count, up to this; 0: the server does (max_deliver) */
    struct option_durations backoff;
    int64_t created; /* ns since 1970 */
    uint64_t pending, ack_pending, redelivered;
    uint64_t waiting;                      /* pull requests: somebody works with it */
    uint64_t delivered_seq, ack_floor_seq; /* of the stream */
};

/* 0; 1 when there is no such consumer; 2 when there is no such stream; -1 when nothing answered. */
int durable_look_up(struct exchange *exchange, const char *stream, const char *name,
                    struct durable_state *state, struct error *error);

/* The same for any consumer, with the whole answer (its `config`), which the caller owns when it
 * is 0. */
int durable_look_into(struct exchange *exchange, const char *stream, const char *name,
                      struct json_t **info, struct durable_state *state, struct error *error);

/* Makes the durable or takes it as it is there (design: "a durable belongs to whoever made it").
 * -1 (78) when it has another filter, or another consumer has our subjects; (69) no stream. */
int durable_ensure(struct exchange *exchange, const struct durable_spec *spec,
                   const struct log *log, struct durable_state *state, struct error *error);

/* Waits until the durable is there again; makes it anew where it vanished and tells so. For a
 * worker that runs: a server or stream that is away is waited for. 1: a stop was requested. */
int durable_restore(struct exchange *exchange, const struct durable_spec *spec,
                    const struct log *log);

/* How long the server waits after attempt `delivery` (1 is the first) before the next. */
int64_t durable_backoff(const struct durable_state *state, uint64_t delivery);

/* The configuration that durable_ensure creates, as JSON. Pure. */
struct json_t *durable_config(const struct durable_spec *spec);

/* Sets what the user gave and what differs; returns a text that names each ("max_deliver 2 → 5"),
 * empty when nothing differs. Pure. */
const char *durable_apply(const struct durable_spec *spec, struct json_t *config, char *text,
                          size_t size);

/* The metadata's `natsq.attempts`; 0 where the server counts. Pure. */
int64_t durable_attempts(const struct json_t *config);

/* Whether the configuration's filters are the wanted ones, in any order. Pure. */
bool durable_same_filters(const struct durable_spec *spec, const struct json_t *config);

#endif
