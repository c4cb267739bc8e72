/* durable: the server's durable consumers, made, compared and looked at.
 *
 * Through the JSON API itself (ADR-37, nats-server 2.9 on) and not nats.c's js_AddConsumer: that
 * one creates or updates whatever is there, and writes back only the fields that it knows. */
#ifndef NATSQ_DURABLE_H
#define NATSQ_DURABLE_H

#include "nats/requester.h"
#include "queue/durable_config.h"
#include "queue/pull_request.h"

/* What is there. */
struct durable_state {
    int64_t max_deliver, ack_wait, max_ack_pending;
    int64_t attempts; /* the workers count, up to this; 0: the server does (max_deliver) */
    struct option_durations backoff;
    int64_t created;      /* ns since 1970 */
    int64_t paused_until; /* the same; 0: it is not paused */
    struct pull_limits limits;
    uint64_t pending, ack_pending, redelivered;
    uint64_t waiting;                      /* pull requests: somebody works with it */
    uint64_t delivered_seq, ack_floor_seq; /* of the stream */
};

/* 0; 1 when there is no such consumer; 2 when there is no such stream; -1 when nothing answered. */
int durable_look_up(struct requester *requester, const char *stream, const char *name,
                    struct durable_state *state, struct error *error);

/* The same for any consumer, with the whole answer (its `config`), which the caller owns when it
 * is 0. */
int durable_look_into(struct requester *requester, const char *stream, const char *name,
                      struct json_t **info, struct durable_state *state, struct error *error);

/* Makes the durable or takes it as it is there (design: "a durable belongs to whoever made it").
 * -1 (78) when it has another filter or a setting that is refused (settings.h), or another consumer
 * has our subjects; (69) no stream, or it is made and deleted all the time. */
int durable_ensure(struct requester *requester, const struct durable_spec *spec,
                   const struct log *log, struct durable_state *state, struct error *error);

/* Waits until the durable is there again; makes it anew where it vanished and tells so. For a
 * worker that runs: a server or stream that is away is waited for. 1: a stop was requested; a
 * setting that is refused requests it (stop_because). */
int durable_restore(struct requester *requester, const struct durable_spec *spec,
                    const struct log *log);

/* How long the server waits after attempt `delivery` (1 is the first) before the next. */
int64_t durable_backoff(const struct durable_state *state, uint64_t delivery);

#endif
