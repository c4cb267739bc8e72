#include "intake.h"

#include "ack.h"
#include "durable.h"
#include "duration.h"
#include "lease.h"
#include "puller.h"

#include <stdlib.h>

static const int64_t patience = 1 * DURATION_S;

struct intake {
    struct dlq *dlq;
    struct durable_spec spec;
    struct exchange *exchange; /* acknowledgements */
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

static int restore(void *closure)
{
    struct intake *intake = closure;
    return durable_restore(intake->restore_exchange, &intake->spec, intake->dlq->log);
}

/* For ever: with the walk-through's limit of 2, two crashes strand a letter for good. */
static struct durable_spec spec_of(const struct dlq *dlq, const char *name, const char *filter)
{
    return (struct durable_spec){
        .stream = dlq->options->stream,
        .name = name,
        .description = "natsq dlq",
        .filters = {filter},
        .n_filters = 1,
        .max_deliver = -1,
        .max_ack_pending = 10000,
        .backoff = {{15 * DURATION_S, 30 * DURATION_S, DURATION_MINUTE, 5 * DURATION_MINUTE}, 4},
        .max_deliver_given = true,
        .remake = true,
    };
}

int intake_open(struct intake **opened, struct dlq *dlq, const char *name, const char *filter,
                size_t batch, struct error *error)
{
    _cleanup_(cleanup_intake) struct intake *intake = calloc(1, sizeof *intake);
    if (!intake)
        return error_set(error, EX_OSERR, "out of memory");
    intake->dlq = dlq;
    portion_begin(&intake->portion, batch);
    intake->spec = spec_of(dlq, name, filter);
    if (exchange_open(&intake->exchange, dlq->connection, error) < 0 ||
        exchange_open(&intake->restore_exchange, dlq->connection, error) < 0 ||
        durable_ensure(intake->exchange, &intake->spec, dlq->log, &intake->state, error) < 0)
        return -1;
    exchange_heed_stop(intake->restore_exchange);
    if (lease_open(&intake->lease, dlq->connection, dlq->options->stream, error) < 0)
        return -1;
    const struct puller_options pull = {.stream = dlq->options->stream,
                                        .consumer = name,
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

/* What came with the first. */
static size_t take_more(struct intake *intake, struct job messages[PORTION_MAX], size_t n,
                        size_t most)
{
    while (n > 0 && n < intake->portion.now && n < most &&
           puller_take(intake->puller, &messages[n], 0) == PULLER_JOB)
        n++;
    lease_begin(intake->lease, messages, n, &intake->state);
    return n;
}

size_t intake_take(struct intake *intake, struct job messages[PORTION_MAX])
{
    enum puller_result result;
    do
        result = puller_take(intake->puller, &messages[0], patience);
    while (result == PULLER_IDLE);
    return take_more(intake, messages, result == PULLER_JOB, PORTION_MAX);
}

size_t intake_take_within(struct intake *intake, struct job messages[PORTION_MAX], size_t most,
                          int64_t ns)
{
    bool got = puller_take(intake->puller, &messages[0], ns) == PULLER_JOB;
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
