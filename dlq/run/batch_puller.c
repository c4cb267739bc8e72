#include "run/batch_puller.h"

#include "base/duration.h"
#include "base/output.h"
#include "base/stop.h"
#include "base/subject.h"
#include "queue/ack.h"
#include "queue/puller.h"
#include "run/lease.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const int64_t patience = 1 * DURATION_S;
static const int64_t at_once = 1 * DURATION_S; /* a nak without a delay is never sent */

struct batch_source {
    struct dlq *dlq;
    struct dlq_durable durable;
    char name[DLQ_DURABLE_NAME_MAX]; /* of the durable; changed under the puller's lock (restore) */
    struct requester *requester;     /* acknowledgements */
    struct requester *restore_requester;
    struct puller *puller;
    struct lease *lease;
    struct durable_state state;
    struct batch_size batch_size;
    struct request requests[BATCH_MAX];
};

/* A portion is worked on while the next is on its way. One at a time is asked for when the last is
 * done. */
static size_t pulled_at_once(const struct batch_source *source)
{
    return source->batch_size.most > 1 ? 2 * source->batch_size.now : 0;
}

static int ensure(struct batch_source *source, struct requester *requester, struct error *error)
{
    int result =
        dlq_durable_ensure(&source->durable, requester, source->dlq->log, &source->state, error);
    snprintf(source->name, sizeof source->name, "%s", source->durable.name);
    return result;
}

static void say_restored(const struct batch_source *source, const char *before, bool was_gone)
{
    if (was_gone)
        log_warn(source->dlq->log, "consumer %s of %s is gone: recreating it", source->name,
                 source->dlq->options->stream);
    if (strcmp(before, source->name) != 0)
        log_warn(source->dlq->log, "consumer %s now has a filter of something else: using %s",
                 before, source->name);
}

/* Waits until our durable is there; recreates it if it vanished, under the other name if its own is
 * taken. A conflict that needs a person ends the program. */
static int restore(void *closure, struct pull_limits *limits)
{
    static const int64_t between = 500 * DURATION_MS;
    struct batch_source *source = closure;
    char before[DLQ_DURABLE_NAME_MAX];
    snprintf(before, sizeof before, "%s", source->name);
    for (bool said = false;; said = true) {
        struct error error = {0};
        int result = ensure(source, source->restore_requester, &error);
        if (result >= 0) {
            say_restored(source, before, result == 1);
            *limits = source->state.limits;
            return 0;
        }
        if (error.exit_code == EX_CONFIG || error.exit_code == EX_NOPERM) {
            stop_because(&error);
            return 1;
        }
        if (!said)
            log_warn(source->dlq->log, "waiting: %s", error.text);
        if (stop_wait(between))
            return 1;
    }
}

int batch_source_open(struct batch_source **opened, struct dlq *dlq, enum dlq_duty duty,
                      size_t batch, struct error *error)
{
    _cleanup_(cleanup_batch_source) struct batch_source *source = calloc(1, sizeof *source);
    if (!source)
        return error_set(error, EX_OSERR, "out of memory");
    source->dlq = dlq;
    batch_size_begin(&source->batch_size, batch);
    dlq_durable_begin(&source->durable, duty, dlq->options->stream, dlq->options->origin);
    if (requester_open(&source->requester, dlq->connection, error) < 0 ||
        requester_open(&source->restore_requester, dlq->connection, error) < 0 ||
        ensure(source, source->requester, error) < 0)
        return -1;
    requester_heed_stop(source->restore_requester);
    if (lease_open(&source->lease, dlq->connection, dlq->options->stream, error) < 0)
        return -1;
    const struct puller_options pull = {.stream = dlq->options->stream,
                                        .consumer = source->name,
                                        .batch = pulled_at_once(source),
                                        .limits = source->state.limits,
                                        .restore = restore,
                                        .closure = source};
    if (puller_open(&source->puller, dlq->connection, &pull, error) < 0)
        return -1;
    *opened = take(source);
    return 0;
}

void batch_source_close(struct batch_source *source)
{
    if (!source)
        return;
    lease_close(source->lease);
    puller_close(source->puller);
    requester_close(source->requester);
    requester_close(source->restore_requester);
    free(source);
}

const struct durable_state *batch_source_durable(const struct batch_source *source)
{
    return &source->state;
}

const char *batch_source_name(const struct batch_source *source)
{
    return source->durable.name;
}

const char *batch_source_filter(const struct batch_source *source)
{
    return source->durable.filter;
}

/* Another origin's durable has taken our name: returns what it delivered to us and looks for ours.
 */
static void return_stranger(struct batch_source *source, struct job *message)
{
    batch_source_later(source, message, at_once);
    job_clear(message);
    puller_release(source->puller);
    puller_renew(source->puller);
}

static enum puller_result take_one(struct batch_source *source, struct job *message, int64_t ns)
{
    enum puller_result result;
    while ((result = puller_take(source->puller, message, ns)) == PULLER_JOB &&
           !subject_covers(source->durable.filter, job_subject(message)))
        return_stranger(source, message);
    return result;
}

/* What came with the first. */
static size_t take_more(struct batch_source *source, struct job messages[BATCH_MAX], size_t n,
                        size_t most)
{
    while (n > 0 && n < source->batch_size.now && n < most &&
           take_one(source, &messages[n], 0) == PULLER_JOB)
        n++;
    lease_begin(source->lease, messages, n, &source->state);
    return n;
}

size_t batch_source_take(struct batch_source *source, struct job messages[BATCH_MAX])
{
    enum puller_result result;
    while ((result = take_one(source, &messages[0], patience)) == PULLER_IDLE)
        if (handler_uses_stdout(&source->dlq->options->handler))
            (void)output_is_unread(); /* which ends the puller */
    return take_more(source, messages, result == PULLER_JOB, BATCH_MAX);
}

size_t batch_source_take_within(struct batch_source *source, struct job messages[BATCH_MAX],
                                size_t most, int64_t ns)
{
    bool got = take_one(source, &messages[0], ns) == PULLER_JOB;
    return take_more(source, messages, got, most);
}

void batch_source_settle(struct batch_source *source, const struct job *const *messages, size_t n)
{
    struct error error = {0};
    lease_end(source->lease);
    for (size_t i = 0; i < n; i++)
        source->requests[i] = ack_request(messages[i], "+ACK");
    if (requester_run(source->requester, source->requests, n,
                      connection_timeout(source->dlq->connection), &error) < 0)
        log_warn(source->dlq->log, "%s", error.text);
    requests_clear(source->requests, n);
}

void batch_source_later(struct batch_source *source, const struct job *message, int64_t delay)
{
    lease_end(source->lease);
    if (ack_retry(source->dlq->connection, message, delay) != NATS_OK)
        log_warn(source->dlq->log, "cannot give a message back: it comes again by itself");
}

void batch_source_done(struct batch_source *source, struct job *messages, size_t n, size_t beside)
{
    size_t bytes = beside, length;
    lease_end(source->lease);
    for (size_t i = 0; i < n; i++) {
        job_body(&messages[i], &length);
        bytes += length;
        job_clear(&messages[i]);
        puller_release(source->puller);
    }
    batch_size_learn(&source->batch_size, n, bytes);
    if (source->batch_size.most > 1)
        puller_resize(source->puller, pulled_at_once(source));
}

void batch_source_stop(struct batch_source *source)
{
    puller_stop(source->puller);
}

void batch_source_give_back(struct batch_source *source, int64_t delay)
{
    struct job message;
    batch_source_stop(source);
    while (puller_take(source->puller, &message, patience) == PULLER_JOB) {
        batch_source_later(source, &message, delay);
        job_clear(&message);
        puller_release(source->puller);
    }
}
