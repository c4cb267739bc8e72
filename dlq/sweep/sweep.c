#include "sweep/sweep.h"

#include "base/duration.h"
#include "base/stop.h"
#include "base/timestamp.h"
#include "dlq.h"
#include "letters/dead_job_batch.h"
#include "letters/letter_lookup.h"
#include "nats/nats_cleanup.h"
#include "queue/stored_subjects.h"
#include "queue/stream.h"
#include "streams/settings_watch.h"
#include "sweep/origin_scan.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

/* Between the looks. A job whose acknowledgement is confirmed may still be listed: on one server
 * for a moment, in a cluster with leader changes up to 2.7 s were seen (2.12); a replica that
 * comes back takes longer. */
static const int64_t wait_single = 5 * DURATION_S;
static const int64_t wait_replicated = 2 * DURATION_MINUTE;

/* Finds between two looks, of 32 bytes each; with more there is another round. */
enum { ROUND = 32768 };

/* A find on its way through the stages of the second look. */
struct item {
    const struct suspect *find;
    enum death_proof proof;
};

struct sweep {
    struct dlq *dlq;
    struct sweep_listener listener;
    struct dead_job_batch *dead_jobs;
    struct consumer_list consumers; /* at the first look */
    struct sweep_counts counts;
    struct suspect finds[ROUND];
    size_t n_finds;
    struct batch_size batch_size;
    struct item items[BATCH_MAX];
    size_t n;
};

int sweep_open_anyway(struct sweep **opened, struct dlq *dlq, const struct sweep_listener *listener,
                      struct error *error)
{
    _cleanup_(cleanup_sweep) struct sweep *sweep = calloc(1, sizeof *sweep);
    if (!sweep)
        return error_set(error, EX_OSERR, "out of memory");
    sweep->dlq = dlq;
    sweep->listener = *listener;
    batch_size_begin(&sweep->batch_size, BATCH_MAX);
    if (dead_job_batch_open(&sweep->dead_jobs, dlq, error) < 0)
        return -1;
    *opened = take(sweep);
    return 0;
}

int sweep_open(struct sweep **opened, struct dlq *dlq, const struct sweep_listener *listener,
               struct error *error)
{
    if (!dlq->has_dead)
        return error_set(error, EX_CONFIG,
                         "sweep makes letters, and stream %s takes none: add the subject "
                         "natsq.dead.%s.> to it",
                         dlq->options->stream, dlq->options->origin);
    return sweep_open_anyway(opened, dlq, listener, error);
}

void sweep_close(struct sweep *sweep)
{
    if (!sweep)
        return;
    consumer_list_clear(&sweep->consumers);
    dead_job_batch_close(sweep->dead_jobs);
    free(sweep);
}

/* ---- The second look, a batch of finds of one consumer at a time */

static enum death_proof judge(const struct suspect *find, const struct observation *consumer,
                              const struct stored_message *original)
{
    const struct observation then = {.consumer_known = true,
                                     .consumer_there = true,
                                     .consumer = &find->consumer->state,
                                     .job = STORED_THERE,
                                     .seq = find->seq,
                                     .stored_at = find->stored_at};
    struct observation now = *consumer;
    now.job = original->result;
    now.seq = original->seq;
    now.stored_at = original->job.delivery.stored_at;
    return death_proof_twice(&then, &now);
}

/* The consumer first, then the jobs. */
static int judge_all(struct sweep *sweep, struct error *error)
{
    uint64_t seqs[BATCH_MAX];
    struct error ignored = {0};
    struct durable_state state = {0};
    int there = durable_look_up(sweep->dead_jobs->requester, sweep->dlq->options->origin,
                                sweep->items[0].find->consumer->name, &state, &ignored);
    const struct observation now = {
        .consumer_known = there >= 0, .consumer_there = there == 0, .consumer = &state};
    for (size_t i = 0; i < sweep->n; i++)
        seqs[i] = sweep->items[i].find->seq;
    int result = dead_job_batch_fetch(sweep->dead_jobs, seqs, sweep->n, error);
    for (size_t i = 0; i < sweep->n; i++) {
        struct item *item = &sweep->items[i];
        item->proof = judge(item->find, &now, &sweep->dead_jobs->originals[i]);
        sweep->counts.unproven += item->proof == DEATH_UNPROVEN;
    }
    return result;
}

static void declare_dead(struct sweep *sweep, size_t i)
{
    const struct consumer *consumer = sweep->items[i].find->consumer;
    const struct letter death = {.consumer = consumer->name,
                                 .deliveries = (uint64_t)consumer->state.max_deliver,
                                 .reason = LETTER_SWEPT,
                                 .died_at = timestamp_now()};
    dead_job_batch_mark(sweep->dead_jobs, i, &death);
}

/* A letter may be there already: the job's removal failed then, or its body has to stay. */
static int look_for_letters(struct sweep *sweep, struct error *error)
{
    struct dead_job *dead = sweep->dead_jobs->jobs;
    const struct letter *letters[BATCH_MAX] = {0};
    enum letter_found known[BATCH_MAX];
    for (size_t i = 0; i < sweep->n; i++) {
        if (sweep->items[i].proof != DEATH_PROVEN)
            continue;
        declare_dead(sweep, i);
        letters[i] = &dead[i].letter;
    }
    int result = letters_look_up(sweep->dead_jobs->requester, sweep->dlq->connection,
                                 sweep->dlq->options->stream, letters, sweep->n, known, error);
    for (size_t i = 0; i < sweep->n && result == 0; i++) {
        dead[i].has_letter = known[i] == LETTER_BY_VALUE;
        dead[i].is_dead = dead[i].is_dead && (dead[i].has_letter || known[i] == LETTER_NONE);
    }
    return result;
}

static bool only_looks(const struct sweep *sweep)
{
    return sweep->dlq->options->dry_run || !sweep->dlq->has_dead;
}

static enum sweep_outcome outcome_of(const struct sweep *sweep, const struct dead_job *dead)
{
    if (only_looks(sweep))
        return SWEEP_WOULD;
    if (!puback_confirms(&dead->outcome))
        return SWEEP_REFUSED;
    if (dead->letter.by_reference)
        return SWEEP_KEPT;
    return dead->retired == RETIRE_GONE ? SWEEP_DONE : SWEEP_LATER;
}

/* Only those that had no letter are news. */
static void report_all(struct sweep *sweep)
{
    for (size_t i = 0; i < sweep->n; i++) {
        const struct dead_job *dead = &sweep->dead_jobs->jobs[i];
        if (!dead->is_dead || dead->has_letter)
            continue;
        const struct swept swept = {&dead->letter, &sweep->dead_jobs->originals[i].job,
                                    outcome_of(sweep, dead), puback_kind_text(dead->outcome.kind)};
        sweep->counts.dead++;
        sweep->counts.refused += swept.outcome == SWEEP_REFUSED;
        sweep->listener.swept(sweep->listener.closure, &swept);
    }
}

static int process_batch(struct sweep *sweep, struct error *error)
{
    int result = judge_all(sweep, error);
    if (result == 0)
        result = look_for_letters(sweep, error);
    if (result == 0 && !only_looks(sweep))
        result = dead_job_batch_move(sweep->dead_jobs, error);
    if (result == 0)
        report_all(sweep);
    batch_size_learn(&sweep->batch_size, sweep->n,
                     stored_messages_bytes(sweep->dead_jobs->originals, sweep->n));
    dead_job_batch_clear(sweep->dead_jobs);
    return result;
}

/* Takes the finds from `from` on that are one consumer's. */
static size_t take_batch(struct sweep *sweep, size_t from)
{
    size_t most = sweep->batch_size.now;
    for (sweep->n = 0; sweep->n < most && from + sweep->n < sweep->n_finds; sweep->n++) {
        const struct suspect *find = &sweep->finds[from + sweep->n];
        if (find->consumer != sweep->finds[from].consumer)
            break;
        sweep->items[sweep->n] = (struct item){.find = find};
    }
    return sweep->n;
}

/* ---- A pass: look, wait, look again, as many rounds as it takes */

/* 1: that was the last. */
static int first_look(struct sweep *sweep, struct origin_scan *scan, struct error *error)
{
    int result = 0;
    sweep->n_finds = 0;
    while (result == 0 && sweep->n_finds < ROUND) {
        result = origin_scan_next(scan, &sweep->finds[sweep->n_finds], error);
        sweep->n_finds += result == 0;
        if (result == 0 && sweep->listener.looks)
            sweep->listener.looks(sweep->listener.closure, sweep->n_finds);
    }
    return result;
}

static int second_look(struct sweep *sweep, struct error *error)
{
    size_t n;
    for (size_t i = 0; i < sweep->n_finds && !stop_requested(); i += n) {
        n = take_batch(sweep, i);
        if (process_batch(sweep, error) < 0)
            return -1;
        if (sweep->listener.record && sweep->listener.record(sweep->listener.closure, error) < 0)
            return -1;
    }
    return 0;
}

static int64_t wait_of(const struct sweep *sweep, const json_t *info)
{
    const struct dlq_options *options = sweep->dlq->options;
    if (options->sweep_wait_given)
        return options->sweep_wait;
    return stream_number(info, "config", "num_replicas") > 1 ? wait_replicated : wait_single;
}

static int run_round(struct sweep *sweep, struct origin_scan *scan, int64_t wait,
                     struct error *error)
{
    int last = first_look(sweep, scan, error);
    if (last < 0 || sweep->n_finds == 0)
        return last;
    sweep->listener.waits(sweep->listener.closure, sweep->n_finds, wait);
    if (stop_wait(wait))
        return 1;
    return second_look(sweep, error) < 0 ? -1 : last;
}

/* Elsewhere what was acknowledged may stay, and would look dead. */
static int check_kind(const json_t *info, struct error *error)
{
    const char *name = stream_text(info, "config", "name");
    if (strcmp(stream_text(info, "config", "retention"), "workqueue") == 0)
        return 0;
    return error_set(error, EX_CONFIG,
                     "stream %s is no work queue (nats stream info %s): nothing can be swept there",
                     name, name);
}

static int count_uncovered(struct sweep *sweep, struct error *error)
{
    json_t *stored = stored_subjects(sweep->dlq->settings->origin_config);
    int result =
        unmatched_jobs_count(&sweep->counts.unmatched, sweep->dead_jobs->requester,
                             sweep->dlq->options->origin, stored, &sweep->consumers, error);
    json_decref(stored);
    return result;
}

static int look_at_all(struct sweep *sweep, const json_t *info, struct error *error)
{
    _cleanup_(cleanup_origin_scan) struct origin_scan *scan = NULL;
    if (consumer_list_fetch(&sweep->consumers, sweep->dead_jobs->requester,
                            sweep->dlq->options->origin, error) < 0 ||
        count_uncovered(sweep, error) < 0 ||
        origin_scan_open(&scan, sweep->dlq, &sweep->consumers, error) < 0)
        return -1;
    int result;
    do
        result = run_round(sweep, scan, wait_of(sweep, info), error);
    while (result == 0);
    sweep->counts.unproven += origin_scan_counts(scan)->unproven;
    sweep->counts.skipped += origin_scan_counts(scan)->skipped;
    return result < 0 ? -1 : stop_requested();
}

int sweep_pass(struct sweep *sweep, struct sweep_counts *counts, struct error *error)
{
    _cleanup_(json_decrefp) json_t *info = NULL;
    sweep->counts = (struct sweep_counts){0};
    int result =
        stream_look_up(sweep->dlq->connection, sweep->dlq->options->origin, false, &info, error);
    if (result == 0)
        result = check_kind(info, error);
    if (result == 0)
        result = look_at_all(sweep, info, error);
    *counts = sweep->counts;
    return result;
}
