#include "run/batch_puller.h"

#include "base/await.h"
#include "base/duration.h"
#include "base/output.h"
#include "base/stop.h"
#include "base/subject.h"
#include "dlq.h"
#include "queue/ack.h"
#include "queue/puller.h"
#include "run/lease.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const int64_t patience = 1 * DURATION_S;

/* Every nak has a delay: one without, sent too late, would end the attempt of another process. */
static const int64_t delays[] = {
    [BATCH_RETURN] = 1 * DURATION_S,
    [BATCH_RETRY] = 5 * DURATION_S,
    [BATCH_RETRY_SLOWLY] = DURATION_MINUTE,
};

struct batch_puller {
    struct dlq *dlq;
    struct dlq_durable durable;
    char name[DLQ_DURABLE_NAME_MAX]; /* the durable's name; changed by restore */
    struct requester *requester;     /* acknowledgements */
    struct requester *restore_requester;
    struct puller *puller;
    struct lease *lease;
    struct durable_state state;
    struct batch_size batch_size;
    struct request requests[BATCH_MAX];
};

/* The next batch is on its way while one is processed. Single messages are pulled one by one. */
static size_t pulled_at_once(const struct batch_puller *batches)
{
    return batches->batch_size.most > 1 ? 2 * batches->batch_size.now : 0;
}

static int ensure(struct batch_puller *batches, struct requester *requester, struct error *error)
{
    int result =
        dlq_durable_ensure(&batches->durable, requester, batches->dlq->log, &batches->state, error);
    snprintf(batches->name, sizeof batches->name, "%s", batches->durable.name);
    return result;
}

static void log_restored(const struct batch_puller *batches, const char *before, bool was_gone)
{
    if (was_gone)
        log_warn(batches->dlq->log, "consumer %s of %s is gone: recreating it", batches->name,
                 batches->dlq->options->stream);
    if (strcmp(before, batches->name) != 0)
        log_warn(batches->dlq->log, "consumer %s now has another filter: using %s", before,
                 batches->name);
}

/* Waits until our durable exists. Recreates it if it was deleted, under its other name if the first
 * is taken. A conflict that only a person can resolve ends the program. */
static int restore(void *closure, struct pull_limits *limits)
{
    static const int64_t between = 500 * DURATION_MS;
    struct batch_puller *batches = closure;
    char before[DLQ_DURABLE_NAME_MAX];
    snprintf(before, sizeof before, "%s", batches->name);
    for (bool warned = false;; warned = true) {
        struct error error = {0};
        int result = ensure(batches, batches->restore_requester, &error);
        if (result >= 0) {
            log_restored(batches, before, result == 1);
            *limits = batches->state.limits;
            return 0;
        }
        if (error.exit_code == EX_CONFIG || error.exit_code == EX_NOPERM) {
            stop_because(&error);
            return 1;
        }
        if (!warned)
            log_warn(batches->dlq->log, "waiting: %s", error.text);
        if (stop_wait(between))
            return 1;
    }
}

/* A stop that ends the wait is not an error: nothing is pulled then. */
static int await_durable(struct batch_puller *batches, struct error *error)
{
    const struct dlq *dlq = batches->dlq;
    struct await await = {.wait = dlq->options->connection.wait, .log = dlq->log};
    int result;
    do
        result = ensure(batches, batches->requester, error);
    while (await_again(&await, &result, error));
    return result;
}

int batch_puller_open(struct batch_puller **opened, struct dlq *dlq, enum dlq_duty duty,
                      size_t most, struct error *error)
{
    _cleanup_(cleanup_batch_puller) struct batch_puller *batches = calloc(1, sizeof *batches);
    if (!batches)
        return error_set(error, EX_OSERR, "out of memory");
    batches->dlq = dlq;
    batch_size_begin(&batches->batch_size, most);
    dlq_durable_begin(&batches->durable, duty, dlq->options->stream, dlq->options->origin);
    if (requester_open(&batches->requester, dlq->connection, error) < 0 ||
        requester_open(&batches->restore_requester, dlq->connection, error) < 0 ||
        await_durable(batches, error) < 0)
        return -1;
    requester_abandon_on_stop(batches->restore_requester);
    if (lease_open(&batches->lease, dlq->connection, dlq->options->stream, error) < 0)
        return -1;
    const struct puller_options pull = {.stream = dlq->options->stream,
                                        .consumer = batches->name,
                                        .batch = pulled_at_once(batches),
                                        .limits = batches->state.limits,
                                        .restore = restore,
                                        .closure = batches};
    if (puller_open(&batches->puller, dlq->connection, &pull, error) < 0)
        return -1;
    *opened = take(batches);
    return 0;
}

void batch_puller_close(struct batch_puller *batches)
{
    if (!batches)
        return;
    lease_close(batches->lease);
    puller_close(batches->puller);
    requester_close(batches->requester);
    requester_close(batches->restore_requester);
    free(batches);
}

const struct durable_state *batch_puller_state(const struct batch_puller *batches)
{
    return &batches->state;
}

const struct dlq_durable *batch_puller_durable(const struct batch_puller *batches)
{
    return &batches->durable;
}

static void redeliver(struct batch_puller *batches, const struct job *message,
                      enum batch_settlement settlement)
{
    if (ack_retry(batches->dlq->connection, message, delays[settlement]) != NATS_OK)
        log_warn(batches->dlq->log,
                 "cannot return a message: it is redelivered after its ack-wait");
}

static void return_one(struct batch_puller *batches, struct job *message)
{
    redeliver(batches, message, BATCH_RETURN);
    job_clear(message);
    puller_release(batches->puller);
}

/* Returns messages of another origin, whose durable has taken our name, and looks for our durable
 * again. */
static enum puller_result take_one(struct batch_puller *batches, struct job *message, int64_t ns)
{
    enum puller_result result;
    while ((result = puller_take(batches->puller, message, ns)) == PULLER_JOB &&
           !subject_covers(batches->durable.filter, job_subject(message))) {
        return_one(batches, message);
        puller_renew(batches->puller);
    }
    return result;
}

/* Takes those that arrived with the first. */
static size_t take_more(struct batch_puller *batches, struct job messages[BATCH_MAX], size_t n,
                        size_t most)
{
    while (n > 0 && n < batches->batch_size.now && n < most &&
           take_one(batches, &messages[n], 0) == PULLER_JOB)
        n++;
    lease_begin(batches->lease, messages, n, &batches->state);
    return n;
}

size_t batch_puller_take(struct batch_puller *batches, struct job messages[BATCH_MAX])
{
    enum puller_result result;
    while ((result = take_one(batches, &messages[0], patience)) == PULLER_IDLE)
        if (handler_uses_stdout(&batches->dlq->options->handler))
            (void)output_is_unread(); /* if so, this ends the puller */
    return take_more(batches, messages, result == PULLER_JOB, BATCH_MAX);
}

size_t batch_puller_take_within(struct batch_puller *batches, struct job messages[BATCH_MAX],
                                size_t most, int64_t ns)
{
    bool got = take_one(batches, &messages[0], ns) == PULLER_JOB;
    return take_more(batches, messages, got, most);
}

static void acknowledge(struct batch_puller *batches, size_t n)
{
    struct error error = {0};
    if (requester_run(batches->requester, batches->requests, n,
                      connection_timeout(batches->dlq->connection), &error) < 0)
        log_warn(batches->dlq->log, "%s", error.text);
    requests_clear(batches->requests, n);
}

static void clear(struct batch_puller *batches, struct job *messages, size_t n, size_t bytes)
{
    size_t length;
    for (size_t i = 0; i < n; i++) {
        job_body(&messages[i], &length);
        bytes += length;
        job_clear(&messages[i]);
        puller_release(batches->puller);
    }
    batch_size_learn(&batches->batch_size, n, bytes);
    if (batches->batch_size.most > 1)
        puller_resize(batches->puller, pulled_at_once(batches));
}

void batch_puller_settle(struct batch_puller *batches, struct job *messages,
                         const enum batch_settlement *settlements, size_t n, size_t bytes_read)
{
    size_t acks = 0;
    lease_end(batches->lease);
    for (size_t i = 0; i < n; i++)
        if (settlements[i] == BATCH_ACK)
            batches->requests[acks++] = ack_request(&messages[i], "+ACK");
        else
            redeliver(batches, &messages[i], settlements[i]);
    acknowledge(batches, acks);
    clear(batches, messages, n, bytes_read);
}

void batch_puller_stop(struct batch_puller *batches)
{
    puller_stop(batches->puller);
}

void batch_puller_return_rest(struct batch_puller *batches)
{
    struct job message;
    batch_puller_stop(batches);
    while (puller_take(batches->puller, &message, patience) == PULLER_JOB)
        return_one(batches, &message);
}
