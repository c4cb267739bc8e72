#include "worker.h"

#include "ack.h"
#include "duration.h"
#include "handler.h"
#include "puller.h"
#include "settlement.h"
#include "stop.h"
#include "stream.h"
#include "text.h"

#include <pthread.h>
#include <stdlib.h>

/* The built-in handler is instant, so it may hold a batch. With 500, nine kills made 215 jobs dead
 * that had never run; with 50 none. */
enum { BUILTIN_BATCH = 50 };

static const int64_t look_for_end = 250 * DURATION_MS;

/* A slot's life: take, run, settle. */
struct slot {
    struct worker *worker;
    struct handler *handler;
};

struct worker {
    const struct consumer_options *options;
    const struct log *log;
    struct connection *connection;
    struct exchange *exchange; /* the slots' and, while the puller restores, the puller's */
    struct exchange *restore_exchange;
    struct durable_state durable;
    struct puller *puller;
    struct slot slot;
};

static int restore(void *closure)
{
    struct worker *worker = closure;
    return durable_restore(worker->restore_exchange, &worker->options->durable, worker->log);
}

/* The server accepts a filter that nothing can match; the worker would wait for ever. */
static int check_filters(const struct durable_spec *spec, const jsStreamInfo *info,
                         struct error *error)
{
    char subjects[512];
    for (size_t i = 0; i < spec->n_filters; i++)
        if (!stream_carries_some(info, spec->filters[i]))
            return error_set(error, EX_CONFIG,
                             "stream '%s' has no subject that FILTER '%s' matches; it has %s",
                             spec->stream, spec->filters[i],
                             stream_subjects_text(info, subjects, sizeof subjects));
    return 0;
}

static int open_durable(struct worker *worker, struct error *error)
{
    const struct consumer_options *options = worker->options;
    _cleanup_(cleanup_stream_info) jsStreamInfo *info = NULL;
    int result = stream_look_up(worker->connection, options->durable.stream,
                                options->connection.wait, &info, error);
    if (result != 0)
        return result;
    if (check_filters(&options->durable, info, error) < 0)
        return -1;
    return durable_ensure(worker->exchange, &options->durable, worker->log, &worker->durable,
                          error);
}

static int open_puller(struct worker *worker, struct error *error)
{
    const struct puller_options pull = {
        .stream = worker->options->durable.stream,
        .consumer = worker->options->durable.name,
        .batch = worker->options->handler.command ? 0 : BUILTIN_BATCH,
        .limit = (uint64_t)worker->options->count,
        .restore = restore,
        .closure = worker,
    };
    return puller_open(&worker->puller, worker->connection, &pull, error);
}

int worker_open(struct worker **opened, const struct consumer_options *options,
                struct connection *connection, struct error *error)
{
    _cleanup_(cleanup_worker) struct worker *worker = calloc(1, sizeof *worker);
    if (!worker)
        return error_set(error, EX_OSERR, "out of memory");
    worker->options = options;
    worker->log = connection_log(connection);
    worker->connection = connection;
    worker->slot.worker = worker;
    worker->slot.handler = handler_open(&options->handler, worker->log, error);
    if (!worker->slot.handler || exchange_open(&worker->exchange, connection, error) < 0 ||
        exchange_open(&worker->restore_exchange, connection, error) < 0)
        return -1;
    int result = open_durable(worker, error);
    if (result != 0)
        return result;
    if (open_puller(worker, error) < 0)
        return -1;
    *opened = take(worker);
    return 0;
}

void worker_close(struct worker *worker)
{
    if (!worker)
        return;
    puller_close(worker->puller);
    exchange_close(worker->exchange);
    exchange_close(worker->restore_exchange);
    handler_close(worker->slot.handler);
    free(worker);
}

static void say_failed(const struct worker *worker, const struct job *job, bool dead)
{
    char shown[TEXT_MAX];
    size_t length;
    const char *body = job_body(job, &length);
    text_escape(body, length, shown);
    log_info(worker->log, "error processing %s", shown);
    if (dead)
        log_info(worker->log, "%s will be processed via DLQ", shown);
}

/* What cannot be sent now is sent after the reconnect, or the job comes again. */
static void settle(const struct worker *worker, const struct job *job,
                   const struct verdict *verdict)
{
    const struct settlement settlement =
        settlement_of(verdict, job->delivery.deliveries, &worker->durable);
    natsStatus s;
    if (settlement.action == SETTLEMENT_DONE) {
        s = ack_done(worker->connection, job);
    } else {
        say_failed(worker, job, settlement.action == SETTLEMENT_DEAD);
        s = ack_retry(worker->connection, job, settlement.delay);
    }
    if (s != NATS_OK)
        log_warn(worker->log, "cannot tell the server about job %llu: %s",
                 (unsigned long long)job->delivery.seq, natsStatus_GetText(s));
}

/* Nothing waits and nothing is in work anywhere, as far as the server says. */
static bool is_all_done(struct worker *worker)
{
    struct durable_state state;
    struct error error = {0};
    int there = durable_look_up(worker->exchange, worker->options->durable.stream,
                                worker->options->durable.name, &state, &error);
    return there == 0 && state.pending == 0 && state.ack_pending == 0;
}

static void work(struct slot *slot)
{
    struct worker *worker = slot->worker;
    for (;;) {
        struct job job = {0};
        enum puller_result result = puller_take(worker->puller, &job, look_for_end);
        if (result == PULLER_ENDED)
            return;
        if (result == PULLER_IDLE) {
            if (worker->options->until_empty && is_all_done(worker))
                return;
            continue;
        }
        struct verdict verdict = {0};
        struct attempt attempt;
        attempt_begin(&attempt, worker->connection, worker->options->durable.stream, &job,
                      &worker->durable);
        slot->handler->run(slot->handler, &attempt, &verdict);
        settle(worker, &job, &verdict);
        job_clear(&job);
        puller_release(worker->puller);
    }
}

static void *work_thread(void *slot)
{
    work(slot);
    stop_request(); /* wakes worker_run */
    return NULL;
}

int worker_run(struct worker *worker, struct error *error)
{
    pthread_t thread;
    int failed = pthread_create(&thread, NULL, work_thread, &worker->slot);
    if (failed)
        return error_set(error, EX_OSERR, "cannot start a thread");
    stop_wait(-1);
    puller_stop(worker->puller);
    pthread_join(thread, NULL);
    return 0;
}
