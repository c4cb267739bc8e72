#include "verbs/verbs.h"

#include "base/stop.h"
#include "dlq.h"
#include "nats/nats_cleanup.h"
#include "queue/dlq_subjects.h"
#include "queue/stream.h"
#include "run/batch_puller.h"
#include "run/collector.h"
#include "run/decider.h"
#include "run/periodic_sweep.h"
#include "streams/settings_watch.h"

#include <jansson.h>
#include <pthread.h>
#include <stdlib.h>

/* The walk-through's DLQ stream has the advisories alone. */
static void say_what_is_missing(const struct dlq *dlq)
{
    const char *origin = dlq->options->origin, *stream = dlq->options->stream;
    const char *lacks = !dlq->has_dead ? "letters: jobs are put back straight from the advisories "
                                         "and none can be held"
                        : !dlq->has_held ? "held letters: what cannot be put back waits"
                                         : "advisories: only what workers bury is seen";
    if (dlq->has_advisories && dlq->has_dead && dlq->has_held)
        return;
    _cleanup_(json_decrefp) json_t *letters = NULL;
    struct error ignored = {0};
    char command[2048] = "see scripts/create-streams";
    if (stream_look_up(dlq->connection, stream, false, &letters, &ignored) == 0)
        dlq_subjects_command(letters, origin, command, sizeof command);
    log_warn(dlq->log, "stream %s has no subjects for %s; to add them: %s", stream, lacks, command);
}

static int check_subjects(const struct dlq *dlq, struct error *error)
{
    const char *origin = dlq->options->origin, *stream = dlq->options->stream;
    if (!dlq->has_advisories && !dlq->has_dead)
        return error_set(error, EX_CONFIG,
                         "stream '%s' takes neither advisories nor letters to decide about '%s': "
                         "scripts/create-streams shows what it needs",
                         stream, origin);
    char dead[DLQ_SUBJECT_MAX];
    if (dlq->options->handler.command && !dlq->has_dead)
        return error_set(error, EX_CONFIG,
                         "a COMMAND works on letters, and stream '%s' takes none: add the subject "
                         "%s to it",
                         stream, dlq_subject(DLQ_DEAD, origin, dead));
    return 0;
}

/* The parts of a run, a thread each: collecting goes on at once, not when a decision is over. */
struct crew {
    struct collector *collector;
    struct decider **deciders;
    size_t n;
    pthread_t *threads; /* the deciders', the collector's, the sweeper's */
    size_t started;
};

static void crew_close(struct crew *crew)
{
    collector_close(crew->collector);
    for (size_t i = 0; i < crew->n; i++)
        decider_close(crew->deciders[i]);
    free(crew->deciders);
    free(crew->threads);
}

/* With a COMMAND as many deciders as handlers may run at once; else one that takes batches. */
static int crew_open(struct crew *crew, struct dlq *dlq, struct error *error)
{
    const struct handler_options *handler = &dlq->options->handler;
    size_t n = !dlq->has_dead ? 0 : handler->command ? (size_t)handler->concurrency : 1;
    crew->deciders = calloc(n + 1, sizeof *crew->deciders);
    crew->threads = calloc(n + 2, sizeof *crew->threads);
    if (!crew->deciders || !crew->threads)
        return error_set(error, EX_OSERR, "out of memory");
    for (; crew->n < n; crew->n++)
        if (decider_open(&crew->deciders[crew->n], dlq, error) < 0)
            return -1;
    return dlq->has_advisories ? collector_open(&crew->collector, dlq, error) : 0;
}

static void *decide(void *decider)
{
    decider_run(decider);
    return NULL;
}

static void *collect(void *collector)
{
    collector_run(collector);
    return NULL;
}

static void *sweep(void *dlq)
{
    periodic_sweep_run(dlq);
    return NULL;
}

static int start(struct crew *crew, void *(*run)(void *), void *closure, struct error *error)
{
    if (pthread_create(&crew->threads[crew->started], NULL, run, closure) != 0)
        return error_set(error, EX_OSERR, "cannot start a thread");
    crew->started++;
    return 0;
}

static int crew_run(struct crew *crew, struct dlq *dlq, struct error *error)
{
    int result = 0;
    for (size_t i = 0; i < crew->n && result == 0; i++)
        result = start(crew, decide, crew->deciders[i], error);
    if (result == 0 && crew->collector)
        result = start(crew, collect, crew->collector, error);
    if (result == 0 && dlq->options->sweep_every > 0)
        result = start(crew, sweep, dlq, error);
    if (result == 0)
        settings_watch_run(dlq->settings);
    else
        stop_because(error); /* for the parts that were started */
    if (crew->collector)
        batch_puller_stop(collector_puller(crew->collector));
    for (size_t i = 0; i < crew->n; i++)
        batch_puller_stop(decider_puller(crew->deciders[i]));
    for (size_t i = 0; i < crew->started; i++)
        pthread_join(crew->threads[i], NULL);
    return result;
}

int verb_run(struct dlq *dlq, struct error *error)
{
    _cleanup_(crew_close) struct crew crew = {0};
    if (check_subjects(dlq, error) < 0)
        return -1;
    say_what_is_missing(dlq);
    if (crew_open(&crew, dlq, error) < 0)
        return -1;
    if (dlq->has_advisories)
        settings_watch_add(dlq->settings, batch_puller_name(collector_puller(crew.collector)));
    if (dlq->has_dead)
        settings_watch_add(dlq->settings, batch_puller_name(decider_puller(crew.deciders[0])));
    return crew_run(&crew, dlq, error);
}
