#include "run/collector.h"

#include "base/fault_point.h"
#include "base/stop.h"
#include "dlq.h"
#include "letters/announced_death.h"
#include "letters/dead_job_batch.h"
#include "letters/requeuer.h"
#include "run/backlog.h"
#include "run/batch_puller.h"
#include "run/direct_requeue.h"
#include "run/letter_log.h"
#include "run/run_report.h"
#include "run/warn_or_stop.h"
#include "streams/settings_watch.h"

#include <inttypes.h>
#include <stdlib.h>

/* Its arrays run parallel to `messages`, and so do those of `dead_jobs`. */
struct collector {
    struct dlq *dlq;
    struct batch_puller *puller;
    struct dead_job_batch *dead_jobs;
    struct requeuer *requeuer; /* where the stream stores no letters; else NULL */
    bool warned_refused;
    enum log_level dead, stale; /* at which each death, and each stale advisory, is logged */
    uint64_t last_new;          /* see letter_log_is_new */
    struct job messages[BATCH_MAX];
    struct announced_death deaths[BATCH_MAX];
    struct puback held[BATCH_MAX]; /* of the copies of advisories that cannot be read */
    bool is_new[BATCH_MAX];        /* not a redelivery: its problems have not been logged yet */
    enum batch_settlement settlements[BATCH_MAX];
    size_t n;
};

int collector_open(struct collector **opened, struct dlq *dlq, struct error *error)
{
    _cleanup_(cleanup_collector) struct collector *collector = calloc(1, sizeof *collector);
    if (!collector)
        return error_set(error, EX_OSERR, "out of memory");
    collector->dlq = dlq;
    collector->dead = LOG_LEVEL_ERROR;
    collector->stale = LOG_LEVEL_INFO;
    if (dead_job_batch_open(&collector->dead_jobs, dlq, error) < 0 ||
        (!dlq->has_dead && requeuer_open(&collector->requeuer, dlq->connection,
                                         dlq->settings->origin_config, error) < 0) ||
        batch_puller_open(&collector->puller, dlq, DUTY_COLLECT, BATCH_MAX, error) < 0)
        return -1;
    *opened = take(collector);
    return 0;
}

void collector_close(struct collector *collector)
{
    if (!collector)
        return;
    batch_puller_close(collector->puller);
    dead_job_batch_close(collector->dead_jobs);
    requeuer_close(collector->requeuer);
    free(collector);
}

struct batch_puller *collector_puller(const struct collector *collector)
{
    return collector->puller;
}

static void read_advisories(struct collector *collector)
{
    for (size_t i = 0; i < collector->n; i++) {
        const struct job *message = &collector->messages[i];
        announced_death_read(&collector->deaths[i], message, collector->dlq->options->origin);
        collector->held[i] = (struct puback){0};
        collector->is_new[i] = letter_log_is_new(&collector->last_new, message->delivery.seq);
    }
}

/* Reads the consumers first and the jobs after them. */
static int check_advisories(struct collector *collector, struct error *error)
{
    struct error ignored = {0};
    uint64_t seqs[BATCH_MAX];
    int found = announced_deaths_find_consumers(collector->deaths, collector->n,
                                                collector->dead_jobs->requester,
                                                collector->dlq->options->origin, &ignored);
    for (size_t i = 0; i < collector->n; i++)
        seqs[i] = collector->deaths[i].fault ? 0 : collector->deaths[i].advisory.seq;
    int result = dead_job_batch_fetch(collector->dead_jobs, seqs, collector->n, error);
    for (size_t i = 0; i < collector->n; i++)
        announced_death_judge(&collector->deaths[i], &collector->dead_jobs->originals[i]);
    if (result < 0 || found == 0 || ignored.exit_code != EX_NOPERM)
        return result;
    *error = ignored;
    return -1;
}

static void add_letter(struct collector *collector, size_t i)
{
    const struct letter letter = announced_death_letter(&collector->deaths[i]);
    dead_job_batch_mark(collector->dead_jobs, i, &letter);
}

static int hold_unreadable(struct collector *collector, size_t i, struct error *error)
{
    if (!collector->dlq->has_held)
        return 0;
    return letter_store_copy_unreadable(collector->dead_jobs->letters,
                                        collector->dlq->options->origin, &collector->messages[i],
                                        &collector->held[i], error);
}

/* An advisory that cannot be held is redelivered repeatedly, but logged once. */
static void log_unreadable(struct collector *collector)
{
    for (size_t i = 0; i < collector->n; i++) {
        const char *fault = collector->deaths[i].fault;
        bool is_held = puback_confirms(&collector->held[i]);
        if (fault && (is_held || collector->is_new[i]))
            log_warn(collector->dlq->log, "advisory # %" PRIu64 " %s: %s",
                     collector->messages[i].delivery.seq, fault,
                     is_held ? "held" : "left where it is");
    }
}

static void log_no_death(const struct collector *collector, const struct announced_death *death)
{
    const struct letter about = {.seq = death->advisory.seq,
                                 .consumer = death->advisory.consumer,
                                 .deliveries = death->advisory.deliveries};
    log_letter(collector->dlq->log, collector->stale, &about,
               "advisory about # %" PRIu64 ": the job %s", about.seq,
               advisory_status_text(death->status));
}

static int sort_advisories(struct collector *collector, struct error *error)
{
    int result = 0;
    for (size_t i = 0; i < collector->n; i++) {
        const struct announced_death *death = &collector->deaths[i];
        if (death->fault)
            result |= hold_unreadable(collector, i, error);
        else if (death->status == ADVISORY_JOB_DEAD)
            add_letter(collector, i);
        else
            log_no_death(collector, death);
    }
    return result;
}

/* Moves each dead job into its letter or, where there are no letters, back into the queue. */
static int move_dead_jobs(struct collector *collector, struct error *error)
{
    if (collector->dlq->has_dead)
        return dead_job_batch_move(collector->dead_jobs, error);
    int held = letter_store_flush(collector->dead_jobs->letters, error);
    int back = direct_requeue(collector->dlq, collector->requeuer, collector->dead_jobs,
                              collector->is_new, error);
    return back < 0 ? -1 : held;
}

static bool is_refused(const struct dead_job *dead)
{
    return dead->is_dead && !puback_confirms(&dead->outcome) && dead->outcome.kind != PUBACK_AGAIN;
}

/* Warns once per episode of refusals. */
static void warn_refused(struct collector *collector)
{
    const struct dlq_options *options = collector->dlq->options;
    const struct dead_job *refused = NULL;
    char why[PUBACK_TEXT_MAX];
    bool has_dead = collector->dlq->has_dead;
    for (size_t i = 0; i < collector->n && !refused; i++)
        if (is_refused(&collector->dead_jobs->jobs[i]))
            refused = &collector->dead_jobs->jobs[i];
    if (refused && !collector->warned_refused)
        log_letter(collector->dlq->log, LOG_LEVEL_WARN, &refused->letter,
                   "stream %s does not take %s # %" PRIu64 " (%s): trying again",
                   has_dead ? options->stream : options->origin, has_dead ? "the letter of" : "job",
                   refused->letter.seq, puback_text(&refused->outcome, why));
    collector->warned_refused = refused != NULL;
}

/* An advisory is settled even if its job could not be retired yet: the decider retires it again.
 * Without letters nothing else would, but direct_requeue has tried long enough, unless a stop
 * interrupted it. */
static bool is_settled(const struct collector *collector, size_t i)
{
    const struct announced_death *death = &collector->deaths[i];
    const struct dead_job *dead = &collector->dead_jobs->jobs[i];
    if (death->fault)
        return puback_confirms(&collector->held[i]);
    if (!dead->is_dead)
        return death->status != ADVISORY_UNDECIDED && death->status != ADVISORY_JOB_DEAD;
    bool interrupted = !collector->dlq->has_dead && stop_requested();
    return puback_confirms(&dead->outcome) && !(interrupted && dead->retired == RETIRE_LATER);
}

/* A death that a worker logged, since it stored the letter, does not count. */
static void count_deaths(const struct collector *collector)
{
    struct run_report *report = collector->dlq->report;
    for (size_t i = 0; i < collector->n; i++) {
        const struct dead_job *dead = &collector->dead_jobs->jobs[i];
        if (!dead->is_dead || dead->outcome.kind != PUBACK_STORED)
            continue;
        atomic_fetch_add(collector->dlq->has_dead ? &report->collected : &report->put_back, 1);
        if (collector->dlq->has_dead)
            log_letter(collector->dlq->log, collector->dead, &dead->letter,
                       "# %" PRIu64 " is dead: %s (announced by the server)", dead->letter.seq,
                       dead->letter.reason);
    }
}

static void settle_all(struct collector *collector)
{
    for (size_t i = 0; i < collector->n; i++) {
        bool is_stuck =
            collector->deaths[i].fault ? !collector->dlq->has_held : !collector->dlq->has_dead;
        collector->settlements[i] = is_settled(collector, i) ? BATCH_ACK
                                    : is_stuck               ? BATCH_RETRY_SLOWLY
                                                             : BATCH_RETRY;
    }
    batch_puller_settle(
        collector->puller, collector->messages, collector->settlements, collector->n,
        stored_messages_bytes(collector->dead_jobs->originals, collector->dead_jobs->n));
}

/* The order of the steps keeps every job (Collect in docs/architecture.md): read, check, store the
 * letters, retire (both in dead_job_batch_move), settle the advisories. An advisory for which a
 * step failed is redelivered. */
static int process_stages(struct collector *collector, struct error *error)
{
    read_advisories(collector);
    if (check_advisories(collector, error) < 0)
        return -1;
    int sorted = sort_advisories(collector, error);
    return move_dead_jobs(collector, error) < 0 ? -1 : sorted;
}

static void process_batch(struct collector *collector)
{
    struct error error = {0};
    fault_point("collect:taken");
    int result = process_stages(collector, &error);
    log_unreadable(collector);
    warn_refused(collector);
    count_deaths(collector);
    settle_all(collector);
    if (result < 0) /* last: what was done is settled even if this ends the program */
        warn_or_stop(collector->dlq, &error);
    fault_point("collect:settled");
    dead_job_batch_clear(collector->dead_jobs);
}

void *collector_run(void *closure)
{
    struct collector *collector = closure;
    while ((collector->n = batch_puller_take(collector->puller, collector->messages)) > 0)
        process_batch(collector);
    return NULL;
}

static size_t count_left(const struct collector *collector)
{
    size_t left = 0;
    for (size_t i = 0; i < collector->n; i++)
        left += collector->settlements[i] != BATCH_ACK;
    return left;
}

/* Advisories that a `run` has in flight are left to it. */
static int check_left(const struct backlog *backlog, uint64_t failed, struct error *error)
{
    if (failed > 0)
        return error_set(error, EX_TEMPFAIL,
                         "%" PRIu64 " announced job%s not collected: run it again", failed,
                         failed == 1 ? " was" : "s were");
    return backlog_check_left(backlog, "advisory is", "advisories are", error);
}

/* A batch may go beyond the backlog: these jobs are dead, too. The verb reports what it did. */
int collector_collect_backlog(struct collector *collector, struct error *error)
{
    struct backlog backlog;
    uint64_t failed = 0;
    size_t n;
    collector->dead = collector->stale = LOG_LEVEL_DEBUG;
    int result = backlog_begin(&backlog, collector->dlq, collector->puller, error);
    while (result == 0 && (result = backlog_take(&backlog, collector->messages, BATCH_MAX, &n,
                                                 &collector->n, error)) == 0) {
        process_batch(collector);
        failed += count_left(collector);
    }
    batch_puller_return_rest(collector->puller);
    return result < 0 ? -1 : check_left(&backlog, failed, error);
}
