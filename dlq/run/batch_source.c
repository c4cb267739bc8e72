#include "run/batch_source.h"

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

struct intake {
    struct dlq *dlq;
    struct dlq_durable durable;
    char name[DLQ_DURABLE_NAME_MAX]; /* of the durable; changed under the puller's lock (restore) */
    struct exchange *exchange;       /* acknowledgements */
    struct exchange *restore_exchange;
    struct puller *puller;
    struct lease *lease;
    struct durable_state state;
    struct portion portion;
    struct request requests[PORTION_MAX];
};

/* A portion is worked on while the next is on its way. One at a time is asked for when the last is
 * done. */
static size_t pulled_at_once(const struct intake *intake)
{
    return intake->portion.most > 1 ? 2 * intake->portion.now : 0;
}

static int ensure(struct intake *intake, struct exchange *exchange, struct error *error)
{
    int result =
        dlq_durable_ensure(&intake->durable, exchange, intake->dlq->log, &intake->state, error);
    snprintf(intake->name, sizeof intake->name, "%s", intake->durable.name);
    return result;
}

static void say_restored(const struct intake *intake, const char *before, bool was_gone)
{
    if (was_gone)
        log_warn(intake->dlq->log, "consumer %s of %s is gone: recreating it", intake->name,
                 intake->dlq->options->stream);
    if (strcmp(before, intake->name) != 0)
        log_warn(intake->dlq->log, "consumer %s now has a filter of something else: using %s",
                 before, intake->name);
}

/* Waits until our durable is there; recreates it if it vanished, under the other name if its own is
 * taken. A conflict that needs a person ends the program. */
static int restore(void *closure, struct pull_limits *limits)
{
    static const int64_t between = 500 * DURATION_MS;
    struct intake *intake = closure;
    char before[DLQ_DURABLE_NAME_MAX];
    snprintf(before, sizeof before, "%s", intake->name);
    for (bool said = false;; said = true) {
        struct error error = {0};
        int result = ensure(intake, intake->restore_exchange, &error);
        if (result >= 0) {
            say_restored(intake, before, result == 1);
            *limits = intake->state.limits;
            return 0;
        }
        if (error.exit_code == EX_CONFIG || error.exit_code == EX_NOPERM) {
            stop_because(&error);
            return 1;
        }
        if (!said)
            log_warn(intake->dlq->log, "waiting: %s", error.text);
        if (stop_wait(between))
            return 1;
    }
}

int intake_open(struct intake **opened, struct dlq *dlq, enum dlq_duty duty, size_t batch,
                struct error *error)
{
    _cleanup_(cleanup_intake) struct intake *intake = calloc(1, sizeof *intake);
    if (!intake)
        return error_set(error, EX_OSERR, "out of memory");
    intake->dlq = dlq;
    portion_begin(&intake->portion, batch);
    dlq_durable_begin(&intake->durable, duty, dlq->options->stream, dlq->options->origin);
    if (exchange_open(&intake->exchange, dlq->connection, error) < 0 ||
        exchange_open(&intake->restore_exchange, dlq->connection, error) < 0 ||
        ensure(intake, intake->exchange, error) < 0)
        return -1;
    exchange_heed_stop(intake->restore_exchange);
    if (lease_open(&intake->lease, dlq->connection, dlq->options->stream, error) < 0)
        return -1;
    const struct puller_options pull = {.stream = dlq->options->stream,
                                        .consumer = intake->name,
                                        .batch = pulled_at_once(intake),
                                        .limits = intake->state.limits,
                                        .restore = restore,
                                        .closure = intake};
    if (puller_open(&intake->puller, dlq->connection, &pull, error) < 0)
        return -1;
    *opened = take(intake);
    return 0;
}

void intake_close(struct intake *intake)
{
    if (!intake)
        return;
    lease_close(intake->lease);
    puller_close(intake->puller);
    exchange_close(intake->exchange);
    exchange_close(intake->restore_exchange);
    free(intake);
}

const struct durable_state *intake_durable(const struct intake *intake)
{
    return &intake->state;
}

const char *intake_name(const struct intake *intake)
{
    return intake->durable.name;
}

const char *intake_filter(const struct intake *intake)
{
    return intake->durable.filter;
}

/* Another origin's durable has taken our name: returns what it delivered to us and looks for ours.
 */
static void return_stranger(struct intake *intake, struct job *message)
{
    intake_later(intake, message, at_once);
    job_clear(message);
    puller_release(intake->puller);
    puller_renew(intake->puller);
}

static enum puller_result take_one(struct intake *intake, struct job *message, int64_t ns)
{
    enum puller_result result;
    while ((result = puller_take(intake->puller, message, ns)) == PULLER_JOB &&
           !subject_covers(intake->durable.filter, job_subject(message)))
        return_stranger(intake, message);
    return result;
}

/* What came with the first. */
static size_t take_more(struct intake *intake, struct job messages[PORTION_MAX], size_t n,
                        size_t most)
{
    while (n > 0 && n < intake->portion.now && n < most &&
           take_one(intake, &messages[n], 0) == PULLER_JOB)
        n++;
    lease_begin(intake->lease, messages, n, &intake->state);
    return n;
}

size_t intake_take(struct intake *intake, struct job messages[PORTION_MAX])
{
    enum puller_result result;
    while ((result = take_one(intake, &messages[0], patience)) == PULLER_IDLE)
        if (handler_uses_stdout(&intake->dlq->options->handler))
            (void)output_is_unread(); /* which ends the puller */
    return take_more(intake, messages, result == PULLER_JOB, PORTION_MAX);
}

size_t intake_take_within(struct intake *intake, struct job messages[PORTION_MAX], size_t most,
                          int64_t ns)
{
    bool got = take_one(intake, &messages[0], ns) == PULLER_JOB;
    return take_more(intake, messages, got, most);
}

void intake_settle(struct intake *intake, const struct job *const *messages, size_t n)
{
    struct error error = {0};
    lease_end(intake->lease);
    for (size_t i = 0; i < n; i++)
        intake->requests[i] = ack_request(messages[i], "+ACK");
    if (exchange_run(intake->exchange, intake->requests, n,
                     connection_timeout(intake->dlq->connection), &error) < 0)
        log_warn(intake->dlq->log, "%s", error.text);
    requests_clear(intake->requests, n);
}

void intake_later(struct intake *intake, const struct job *message, int64_t delay)
{
    lease_end(intake->lease);
    if (ack_retry(intake->dlq->connection, message, delay) != NATS_OK)
        log_warn(intake->dlq->log, "cannot give a message back: it comes again by itself");
}

void intake_done(struct intake *intake, struct job *messages, size_t n, size_t beside)
{
    size_t bytes = beside, length;
    lease_end(intake->lease);
    for (size_t i = 0; i < n; i++) {
        job_body(&messages[i], &length);
        bytes += length;
        job_clear(&messages[i]);
        puller_release(intake->puller);
    }
    portion_learn(&intake->portion, n, bytes);
    if (intake->portion.most > 1)
        puller_resize(intake->puller, pulled_at_once(intake));
}

void intake_stop(struct intake *intake)
{
    puller_stop(intake->puller);
}

void intake_give_back(struct intake *intake, int64_t delay)
{
    struct job message;
    intake_stop(intake);
    while (puller_take(intake->puller, &message, patience) == PULLER_JOB) {
        intake_later(intake, &message, delay);
        job_clear(&message);
        puller_release(intake->puller);
    }
}
