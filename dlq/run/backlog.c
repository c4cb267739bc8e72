#include "run/backlog.h"

#include "base/duration.h"
#include "base/stop.h"
#include "dlq.h"
#include "queue/durable.h"
#include "queue/stored_messages.h"
#include "queue/stream_reader.h"

#include <inttypes.h>

static const int64_t pull_wait = DURATION_S;
static const int64_t look_again = 100 * DURATION_MS;
enum {
    IDLE_MOST = 10, /* pulls in a row that bring nothing although something is pending */
    LOOKS = 20,     /* how many times to look at the messages that others are settling */
};

static int look_up_durable(const struct backlog *backlog, struct durable_state *state,
                           struct error *error)
{
    const struct dlq *dlq = backlog->dlq;
    const char *name = batch_puller_durable(backlog->puller)->name;
    int found = durable_look_up(dlq->requester, dlq->options->stream, name, state, NULL, error);
    if (found != 0 && stop_requested())
        return error_set(error, EX_TEMPFAIL, "stopped before the end: run it again for the rest");
    return found > 0 ? error_set(error, EX_UNAVAILABLE, "consumer %s was deleted", name) : found;
}

int backlog_begin(struct backlog *backlog, const struct dlq *dlq, struct batch_puller *puller,
                  struct error *error)
{
    struct durable_state state = {0};
    struct stored_message last = {.stream = dlq->options->stream,
                                  .last_of = batch_puller_durable(puller)->filter};
    *backlog = (struct backlog){.dlq = dlq, .puller = puller};
    int result = stored_messages_fetch(dlq->requester, &last, 1, error);
    if (result == 0)
        result = look_up_durable(backlog, &state, error);
    if (result == 0 && last.result == STORED_UNKNOWN)
        result = error_set(error, EX_UNAVAILABLE, "cannot read the last message of '%s' in %s",
                           last.last_of, dlq->options->stream);
    backlog->last = last.result == STORED_THERE ? last.job.delivery.seq : 0;
    backlog->left = backlog->last ? state.pending + state.ack_pending : 0;
    stored_messages_clear(&last, 1);
    return result;
}

/* 1: no more of it will be delivered to us. */
static int is_over(const struct backlog *backlog, struct error *error)
{
    struct durable_state state = {0};
    if (backlog->left == 0 || backlog->saw_later || backlog->idle >= IDLE_MOST || stop_requested())
        return 1;
    if (backlog->idle == 0)
        return 0;
    if (look_up_durable(backlog, &state, error) < 0)
        return -1;
    return state.delivered_seq >= backlog->last || state.pending == 0;
}

/* Moves the messages after the last to the end; returns how many belong to the backlog. */
static size_t sort(struct backlog *backlog, struct job *messages, size_t taken)
{
    size_t n = 0;
    for (size_t i = 0; i < taken; i++)
        if (messages[i].delivery.seq <= backlog->last) {
            struct job message = messages[i];
            messages[i] = messages[n];
            messages[n++] = message;
        }
    backlog->saw_later = backlog->saw_later || taken > n;
    return n;
}

static void return_all(struct backlog *backlog, struct job *messages, size_t n)
{
    enum batch_settlement settlements[BATCH_MAX];
    for (size_t i = 0; i < n; i++)
        settlements[i] = BATCH_RETURN;
    batch_puller_settle(backlog->puller, messages, settlements, n, 0);
}

int backlog_take(struct backlog *backlog, struct job messages[BATCH_MAX], size_t most, size_t *n,
                 size_t *taken, struct error *error)
{
    for (*n = *taken = 0;;) {
        int over = is_over(backlog, error);
        if (over != 0)
            return over;
        size_t wanted = backlog->left < most ? (size_t)backlog->left : most;
        *taken = batch_puller_take_within(backlog->puller, messages, wanted, pull_wait);
        *n = sort(backlog, messages, *taken);
        backlog->left -= *n;
        backlog->idle = *n > 0 ? 0 : backlog->idle + 1;
        if (*n > 0)
            return 0;
        return_all(backlog, messages, *taken);
    }
}

/* How many are still stored; counts no further than `most`. */
static int count_stored(const struct backlog *backlog, uint64_t most, uint64_t *n,
                        struct error *error)
{
    _cleanup_(cleanup_stream_reader) struct stream_reader *reader = NULL;
    int result = 0;
    *n = 0;
    if (stream_reader_open(&reader, backlog->dlq->connection, backlog->dlq->options->stream,
                           batch_puller_durable(backlog->puller)->filter, 0, error) < 0)
        return -1;
    stream_reader_end_at(reader, backlog->last);
    for (; *n < most && result == 0; *n += result == 0) {
        struct job message = {0};
        result = stream_reader_next(reader, &message, error);
        job_clear(&message);
    }
    return result < 0 ? -1 : 0;
}

static int count_left(const struct backlog *backlog, uint64_t *n, struct error *error)
{
    struct durable_state state = {0};
    *n = 0;
    if (backlog->last == 0)
        return 0;
    if (look_up_durable(backlog, &state, error) < 0)
        return -1;
    if (state.pending + state.ack_pending == 0)
        return 0;
    for (int i = 0; i < LOOKS; i++) {
        if (count_stored(backlog, 1, n, error) < 0)
            return -1;
        if (*n == 0 || stop_wait(look_again))
            return 0;
    }
    return count_stored(backlog, UINT64_MAX, n, error);
}

int backlog_check_left(const struct backlog *backlog, const char *one, const char *many,
                       struct error *error)
{
    uint64_t n;
    if (count_left(backlog, &n, error) < 0)
        return -1;
    if (n == 0)
        return 0;
    return error_set(error, EX_TEMPFAIL,
                     "%" PRIu64 " %s in flight at a `run`, or delayed: stop `run`, and hold again "
                     "in a minute",
                     n, n == 1 ? one : many);
}
