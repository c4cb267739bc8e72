#include "verbs/verbs.h"

#include "base/program_name.h"
#include "base/stop.h"
#include "base/thread.h"
#include "dlq.h"
#include "handler/handler_report.h"
#include "queue/dlq_subjects.h"
#include "queue/stream.h"
#include "run/batch_puller.h"
#include "run/collector.h"
#include "run/decider.h"
#include "run/periodic_sweep.h"
#include "run/run_report.h"
#include "streams/settings_watch.h"

#include <jansson.h>
#include <pthread.h>
#include <stdlib.h>

/* With basic usage, the DLQ stream has only the subject of advisories. */
static void warn_of_missing_subjects(const struct dlq *dlq)
{
    const char *origin = dlq->options->origin, *stream = dlq->options->stream;
    const char *lacks = !dlq->has_dead ? "letters: jobs are put back directly from the advisories, "
                                         "and none can be held"
                        : !dlq->has_held
                            ? "held letters: letters of jobs that cannot be put back keep waiting"
                            : "advisories: only letters that workers store are seen";
    if (dlq->has_advisories && dlq->has_dead && dlq->has_held)
        return;
    _cleanup_(json_decrefp) json_t *letters = NULL;
    struct error ignored = {0};
    char arguments[2048], command[4352] = "see doctor";
    if (stream_look_up(dlq->connection, stream, false, &letters, &ignored) == 0)
        snprintf(command, sizeof command, "%s %s", program_call("nats"),
                 dlq_subjects_arguments(letters, origin, arguments, sizeof arguments));
    log_warn(dlq->log, "stream %s has no subjects for %s; to add them: %s", stream, lacks, command);
}

static int check_subjects(const struct dlq *dlq, struct error *error)
{
    const char *origin = dlq->options->origin, *stream = dlq->options->stream;
    if (!dlq->has_advisories && !dlq->has_dead)
        return error_set(
            error, EX_CONFIG,
            "stream '%s' takes neither advisories nor letters to decide about '%s': see "
            "'%s %s %s doctor'",
            stream, origin, program_call("dlq"), stream, origin);
    return handler_decides_letters(&dlq->options->handler)
               ? dlq_require(dlq, 1 << DLQ_DEAD, "a COMMAND", error)
               : 0;
}

/* The parts of a run, each with a thread: collecting never waits for a decision. */
struct run_parts {
    struct collector *collector;
    struct decider **deciders;
    size_t n;
    pthread_t *threads; /* the deciders', the collector's, the sweeper's */
    size_t started;
};

static void run_parts_close(struct run_parts *parts)
{
    collector_close(parts->collector);
    for (size_t i = 0; i < parts->n; i++)
        decider_close(parts->deciders[i]);
    free(parts->deciders);
    free(parts->threads);
}

/* One decider for each handler that may run concurrently; without a COMMAND one, which works in
 * batches. */
static int run_parts_open(struct run_parts *parts, struct dlq *dlq, struct error *error)
{
    const struct handler_options *handler = &dlq->options->handler;
    size_t n = dlq->has_dead ? handler_slots(handler) : 0;
    parts->deciders = calloc(n + 1, sizeof *parts->deciders);
    parts->threads = calloc(n + 2, sizeof *parts->threads);
    if (!parts->deciders || !parts->threads)
        return error_set(error, EX_OSERR, "out of memory");
    for (; parts->n < n; parts->n++)
        if (decider_open(&parts->deciders[parts->n], dlq, error) < 0)
            return -1;
    return dlq->has_advisories ? collector_open(&parts->collector, dlq, error) : 0;
}

static int start(struct run_parts *parts, void *(*run)(void *), void *closure, struct error *error)
{
    if (thread_start(&parts->threads[parts->started], run, closure, error) < 0)
        return -1;
    parts->started++;
    return 0;
}

static int run_parts_run(struct run_parts *parts, struct dlq *dlq, struct error *error)
{
    int result = 0;
    run_report_start(dlq->report, dlq);
    for (size_t i = 0; i < parts->n && result == 0; i++)
        result = start(parts, decider_run, parts->deciders[i], error);
    if (result == 0 && parts->collector)
        result = start(parts, collector_run, parts->collector, error);
    if (result == 0 && dlq->options->sweep_every > 0)
        result = start(parts, periodic_sweep_run, dlq, error);
    if (result == 0)
        settings_watch_run(dlq->settings);
    else
        stop_because(error); /* ends the parts that were started */
    if (parts->collector)
        batch_puller_stop(collector_puller(parts->collector));
    for (size_t i = 0; i < parts->n; i++)
        batch_puller_stop(decider_puller(parts->deciders[i]));
    handler_report_stop(&dlq->options->handler, &dlq->handlers, dlq->log);
    for (size_t i = 0; i < parts->started; i++)
        pthread_join(parts->threads[i], NULL);
    run_report_end(dlq->report, dlq);
    return result;
}

int verb_run(struct dlq *dlq, struct error *error)
{
    /* Released after the parts, which are declared later. */
    _cleanup_(cleanup_handler_shared) struct handler_shared *handlers = &dlq->handlers;
    _cleanup_(run_parts_close) struct run_parts parts = {0};
    struct run_report report = {0};
    dlq->report = &report;
    if (check_subjects(dlq, error) < 0)
        return -1;
    warn_of_missing_subjects(dlq);
    if (run_parts_open(&parts, dlq, error) < 0)
        return -1;
    if (dlq->has_advisories)
        settings_watch_add(dlq->settings,
                           batch_puller_durable(collector_puller(parts.collector))->name);
    if (dlq->has_dead)
        settings_watch_add(dlq->settings,
                           batch_puller_durable(decider_puller(parts.deciders[0]))->name);
    return run_parts_run(&parts, dlq, error);
}
