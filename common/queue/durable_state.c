#include "queue/durable_state.h"

#include "base/buffer.h"
#include "base/duration.h"
#include "base/timestamp.h"
#include "queue/durable_config.h"

#include <inttypes.h>
#include <jansson.h>

static int64_t number(const json_t *object, const char *key)
{
    return json_integer_value(json_object_get(object, key));
}

static uint64_t count(const json_t *object, const char *key)
{
    return (uint64_t)number(object, key);
}

/* 0 when there is none. */
static int64_t time_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    int64_t time;
    return text && timestamp_parse(text, &time) ? time : 0;
}

void durable_state_read(struct durable_state *state, const json_t *info)
{
    const json_t *config = json_object_get(info, "config");
    json_t *step, *backoff = json_object_get(config, "backoff");
    size_t i;
    *state = (struct durable_state){
        .max_deliver = number(config, "max_deliver"),
        .attempts = durable_config_attempts(config),
        .ack_wait = number(config, "ack_wait"),
        .max_ack_pending = number(config, "max_ack_pending"),
        .created = time_of(info, "created"),
        .paused_until = time_of(config, "pause_until"),
        .limits = {.batch = number(config, "max_batch"), .expires = number(config, "max_expires")},
        .pending = count(info, "num_pending"),
        .ack_pending = count(info, "num_ack_pending"),
        .redelivered = count(info, "num_redelivered"),
        .waiting = count(info, "num_waiting"),
        .deliveries = count(json_object_get(info, "delivered"), "consumer_seq"),
        .delivered_seq = count(json_object_get(info, "delivered"), "stream_seq"),
        .ack_floor_seq = count(json_object_get(info, "ack_floor"), "stream_seq"),
        .time = time_of(info, "ts"),
        .delivered_at = time_of(json_object_get(info, "delivered"), "last_active"),
        .acked_at = time_of(json_object_get(info, "ack_floor"), "last_active"),
    };
    json_array_foreach(backoff, i, step)
    {
        if (state->backoff.n < OPTION_DURATIONS_MAX)
            state->backoff.ns[state->backoff.n++] = json_integer_value(step);
    }
}

int64_t durable_quiet_for(const struct durable_state *state)
{
    int64_t last = state->delivered_at > state->acked_at ? state->delivered_at : state->acked_at;
    if (last == 0 || state->time == 0)
        return -1;
    return state->time > last ? state->time - last : 0;
}

int64_t durable_longest_quiet(const struct durable_state *state)
{
    static const int64_t margin = 2 * DURATION_S;
    int64_t longest = state->backoff.n > 0 ? 0 : state->ack_wait;
    for (int i = 0; i < state->backoff.n; i++)
        if (state->backoff.ns[i] > longest)
            longest = state->backoff.ns[i];
    return longest + margin;
}

bool durable_leases_are_over(const struct durable_state *state)
{
    return durable_quiet_for(state) > durable_longest_quiet(state);
}

int64_t durable_backoff(const struct durable_state *state, uint64_t delivery)
{
    if (state->backoff.n == 0)
        return state->ack_wait;
    uint64_t last = (uint64_t)state->backoff.n - 1, index = delivery > 0 ? delivery - 1 : 0;
    return state->backoff.ns[index < last ? index : last];
}

/* "1s,10s,1m" */
static void add_backoff(struct buffer *text, const struct durable_state *durable)
{
    char step[DURATION_TEXT_MAX];
    buffer_add_text(text, durable->backoff.n > 0 ? ", backoff " : ", ack wait ");
    if (durable->backoff.n == 0)
        buffer_add_text(text, duration_format(durable->ack_wait, step));
    for (int i = 0; i < durable->backoff.n; i++)
        buffer_printf(text, "%s%s", i ? "," : "", duration_format(durable->backoff.ns[i], step));
}

static void add_attempts(struct buffer *text, const struct durable_state *durable)
{
    int64_t most = durable->attempts > 0 ? durable->attempts : durable->max_deliver;
    if (most > 0)
        buffer_printf(text, "%" PRId64 " attempt%s (counted by the %s)", most, most == 1 ? "" : "s",
                      durable->attempts > 0 ? "workers" : "server");
    else
        buffer_add_text(text, "attempts without limit");
}

void durable_state_describe(const struct durable_state *state, struct buffer *text)
{
    add_attempts(text, state);
    add_backoff(text, state);
}
