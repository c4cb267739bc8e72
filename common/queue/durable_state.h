/* durable_state: the state and limits of a durable as CONSUMER.INFO reports them. Pure. */
#ifndef NATSQ_DURABLE_STATE_H
#define NATSQ_DURABLE_STATE_H

#include "cli/option_row.h"
#include "queue/pull_request.h"

struct buffer;
struct json_t;

struct durable_state {
    int64_t max_deliver, ack_wait, max_ack_pending;
    int64_t attempts; /* the workers count up to this; 0: the server counts up to max_deliver */
    struct option_durations backoff;
    int64_t created;      /* ns since 1970 */
    int64_t paused_until; /* ns since 1970; 0: not paused */
    struct pull_limits limits;
    uint64_t pending, ack_pending, redelivered;
    uint64_t waiting;                      /* pull requests: a worker is connected */
    uint64_t deliveries;                   /* so far, redeliveries included */
    uint64_t delivered_seq, ack_floor_seq; /* sequences of the stream */
    /* By the server's clock, ns since 1970: when this is from, and the last delivery and
     * acknowledgement; 0: not known, or none since the server started. */
    int64_t time, delivered_at, acked_at;
};

/* `info` is the answer to CONSUMER.INFO, CREATE or UPDATE. */
void durable_state_read(struct durable_state *state, const struct json_t *info);

/* For how long, in ns, the durable has neither delivered a message nor taken an acknowledgement;
 * -1: not known, or there was none. */
int64_t durable_quiet_for(const struct durable_state *state);

/* For how long, in ns, the durable is quiet at most while a worker has a job, whose lease it renews
 * well before the end. */
int64_t durable_longest_quiet(const struct durable_state *state);

/* Whether no worker has a job, however many are in flight: nobody has renewed their leases. */
bool durable_leases_are_over(const struct durable_state *state);

/* How long the server waits for an acknowledgement of attempt `delivery` (1 is the first) before
 * the next attempt. */
int64_t durable_backoff(const struct durable_state *state, uint64_t delivery);

/* Appends the attempts and the backoff in words: "5 attempts (counted by the server), backoff
 * 1s,1m". */
void durable_state_describe(const struct durable_state *state, struct buffer *text);

#endif
