#include "sweep/sweep.h"

#include "base/duration.h"
#include "base/program_name.h"
#include "base/stop.h"
#include "base/timestamp.h"
#include "dlq.h"
#include "letters/dead_job_batch.h"
#include "letters/letter_lookup.h"
#include "queue/durable.h"
#include "queue/stored_subjects.h"
#include "queue/stream.h"
#include "streams/consumer_list.h"
#include "streams/settings_watch.h"
#include "sweep/death_proof.h"
#include "sweep/origin_scan.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

/* Time between the two looks. A job may still be listed after its acknowledgement is confirmed: for
 * a moment on one server, for up to 2.7 s in a cluster with leader changes (seen on 2.12), longer
 * on a replica that restarts. */
static const int64_t wait_single = 5 * DURATION_S;
static const int64_t wait_replicated = 2 * DURATION_MINUTE;

/* Suspects of 24 bytes each between two looks; if there are more, another round follows. */
enum { ROUND = 32768 };

struct sweep {
    struct dlq *dlq;
    struct sweep_callbacks callbacks;
    struct dead_job_batch *dead_jobs;
    struct consumer_list consumers; /* at the first look */
    struct sweep_counts counts;
    struct suspect suspects[ROUND];
    size_t n_suspects;
    /* For the second look: the suspects that are checked together. */
    struct batch_size batch_size;
    const struct suspect *batch; /* the first of them, in `suspects` */
    enum death_proof proofs[BATCH_MAX];
    size_t n;
};

int sweep_open(struct sweep **opened, struct dlq *dlq, const struct sweep_callbacks *callbacks,
               struct error *error)
{
    _cleanup_(cleanup_sweep) struct sweep *sweep = calloc(1, sizeof *sweep);
    if (!sweep)
        return error_set(error, EX_OSERR, "out of memory");
    sweep->dlq = dlq;
    sweep->callbacks = *callbacks;
    batch_size_begin(&sweep->batch_size, BATCH_MAX);
    if (dead_job_batch_open(&sweep->dead_jobs, dlq, error) < 0)
        return -1;
    *opened = take(sweep);
    return 0;
}

void sweep_close(struct sweep *sweep)
{
    if (!sweep)
        return;
    consumer_list_clear(&sweep->consumers);
    dead_job_batch_close(sweep->dead_jobs);
    free(sweep);
}

/* ---- The second look: suspects in batches, one consumer per batch */

static enum death_proof prove(const struct suspect *suspect, const struct observation *consumer,
                              const struct stored_message *original)
{
    const struct observation first = {.consumer_seen = CONSUMER_THERE,
                                      .consumer = &suspect->consumer->state,
                                      .job = STORED_THERE,
                                      .seq = suspect->seq,
                                      .stored_at = suspect->stored_at};
    struct observation second = *consumer;
    second.job = original->result;
    second.seq = original->seq;
    second.stored_at = original->job.delivery.stored_at;
    return death_proof_twice(&first, &second);
}

/* Reads the consumer first and the jobs after it. */
static int prove_all(struct sweep *sweep, struct error *error)
{
    uint64_t seqs[BATCH_MAX];
    struct error ignored = {0};
    struct durable_state state = {0};
    int there = durable_look_up(sweep->dead_jobs->requester, sweep->dlq->options->origin,
                                sweep->batch->consumer->name, &state, NULL, &ignored);
    const struct observation consumer = {.consumer_seen = consumer_sight_of(there, &state).seen,
                                         .consumer = &state};
    for (size_t i = 0; i < sweep->n; i++)
        seqs[i] = sweep->batch[i].seq;
    int result = dead_job_batch_fetch(sweep->dead_jobs, seqs, sweep->n, error);
    for (size_t i = 0; i < sweep->n; i++) {
        sweep->proofs[i] = prove(&sweep->batch[i], &consumer, &sweep->dead_jobs->originals[i]);
        sweep->counts.left_alone.unproven += sweep->proofs[i] == DEATH_UNPROVEN;
    }
    return result;
}

static void add_letter(struct sweep *sweep, size_t i)
{
    const struct consumer *consumer = sweep->batch[i].consumer;
    const struct letter death = {.consumer = consumer->name,
                                 .deliveries = (uint64_t)consumer->state.max_deliver,
                                 .reason = LETTER_SWEPT,
                                 .died_at = timestamp_now()};
    dead_job_batch_mark(sweep->dead_jobs, i, &death);
}

/* A dead job may have a letter already: if its removal failed, it is only retired now; if its body
 * has to stay in the origin, nothing is left to do. */
static int find_letters(struct sweep *sweep, struct error *error)
{
    struct dead_job *dead = sweep->dead_jobs->jobs;
    const struct letter *letters[BATCH_MAX] = {0};
    enum letter_found found[BATCH_MAX];
    for (size_t i = 0; i < sweep->n; i++) {
        if (sweep->proofs[i] != DEATH_PROVEN)
            continue;
        add_letter(sweep, i);
        letters[i] = &dead[i].letter;
    }
    int result = letters_look_up(sweep->dead_jobs->requester, sweep->dlq->options->stream, letters,
                                 sweep->n, found, error);
    for (size_t i = 0; i < sweep->n && result == 0; i++) {
        dead[i].has_letter = found[i] == LETTER_BY_VALUE;
        dead[i].is_dead = dead[i].is_dead && (dead[i].has_letter || found[i] == LETTER_NONE);
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

/* Jobs that had a letter before are not reported. */
static void report_all(struct sweep *sweep)
{
    char why[PUBACK_TEXT_MAX];
    for (size_t i = 0; i < sweep->n; i++) {
        const struct dead_job *dead = &sweep->dead_jobs->jobs[i];
        if (!dead->is_dead || dead->has_letter)
            continue;
        const struct swept swept = {&dead->letter, &sweep->dead_jobs->originals[i].job,
                                    outcome_of(sweep, dead), puback_text(&dead->outcome, why)};
        sweep->counts.dead++;
        sweep->counts.refused += swept.outcome == SWEEP_REFUSED;
        sweep->callbacks.on_swept(sweep->callbacks.closure, &swept);
    }
}

static int process_batch(struct sweep *sweep, struct error *error)
{
    int result = prove_all(sweep, error);
    if (result == 0)
        result = find_letters(sweep, error);
    if (result == 0 && !only_looks(sweep))
        result = dead_job_batch_move(sweep->dead_jobs, error);
    if (result == 0)
        report_all(sweep);
    batch_size_learn(&sweep->batch_size, sweep->n,
                     stored_messages_bytes(sweep->dead_jobs->originals, sweep->n));
    dead_job_batch_clear(sweep->dead_jobs);
    return result;
}

/* Returns how many it took, from the ith suspect on. */
static size_t take_batch(struct sweep *sweep, size_t i)
{
    size_t most = sweep->n_suspects - i;
    if (most > sweep->batch_size.now)
        most = sweep->batch_size.now;
    sweep->batch = &sweep->suspects[i];
    for (sweep->n = 1; sweep->n < most; sweep->n++)
        if (sweep->batch[sweep->n].consumer != sweep->batch->consumer)
            break;
    return sweep->n;
}

/* ---- A pass: first look, wait, second look; as many rounds as it takes */

/* 1: that was the last round. */
static int first_look(struct sweep *sweep, struct origin_scan *scan, struct error *error)
{
    int result = 0;
    sweep->n_suspects = 0;
    while (result == 0 && sweep->n_suspects < ROUND) {
        result = origin_scan_next(scan, &sweep->suspects[sweep->n_suspects], error);
        sweep->n_suspects += result == 0;
        if (result == 0 && sweep->callbacks.on_suspect)
            sweep->callbacks.on_suspect(sweep->callbacks.closure, sweep->n_suspects);
    }
    return result;
}

static int second_look(struct sweep *sweep, struct error *error)
{
    size_t n;
    for (size_t i = 0; i < sweep->n_suspects && !stop_requested(); i += n) {
        n = take_batch(sweep, i);
        if (process_batch(sweep, error) < 0)
            return -1;
        if (sweep->callbacks.on_batch &&
            sweep->callbacks.on_batch(sweep->callbacks.closure, error) < 0)
            return -1;
    }
    return 0;
}

static int64_t wait_of(const struct sweep *sweep, const json_t *info)
{
    const struct dlq_options *options = sweep->dlq->options;
    if (options->given.sweep_wait)
        return options->sweep_wait;
    return stream_number(info, "config", "num_replicas") > 1 ? wait_replicated : wait_single;
}

static int run_round(struct sweep *sweep, struct origin_scan *scan, int64_t wait,
                     struct error *error)
{
    int last = first_look(sweep, scan, error);
    if (last < 0 || sweep->n_suspects == 0)
        return last;
    sweep->callbacks.on_wait(sweep->callbacks.closure, sweep->n_suspects, wait);
    if (stop_wait(wait))
        return 1;
    return second_look(sweep, error) < 0 ? -1 : last;
}

/* In other streams jobs may stay after they are acknowledged, and would seem dead. */
static int check_retention(const json_t *info, struct error *error)
{
    const char *name = stream_text(info, "config", "name");
    if (strcmp(stream_text(info, "config", "retention"), "workqueue") == 0)
        return 0;
    return error_set(
        error, EX_CONFIG,
        "stream %s is not a work queue (%s stream info %s): nothing can be swept there", name,
        program_call("nats"), name);
}

static int count_unmatched(struct sweep *sweep, struct error *error)
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
    _cleanup_(origin_scan_end) struct origin_scan scan = {.dlq = sweep->dlq,
                                                          .consumers = &sweep->consumers};
    if (consumer_list_fetch(&sweep->consumers, sweep->dead_jobs->requester,
                            sweep->dlq->options->origin, error) < 0 ||
        count_unmatched(sweep, error) < 0)
        return -1;
    int result;
    do
        result = run_round(sweep, &scan, wait_of(sweep, info), error);
    while (result == 0);
    sweep->counts.left_alone.unproven += scan.left_alone.unproven;
    sweep->counts.left_alone.skipped += scan.left_alone.skipped;
    return result < 0 ? -1 : stop_requested();
}

int sweep_pass(struct sweep *sweep, struct sweep_counts *counts, struct error *error)
{
    _cleanup_(json_decrefp) json_t *info = NULL;
    sweep->counts = (struct sweep_counts){0};
    int result =
        stream_look_up(sweep->dlq->connection, sweep->dlq->options->origin, false, &info, error);
    if (result == 0)
        result = check_retention(info, error);
    if (result == 0)
        result = look_at_all(sweep, info, error);
    *counts = sweep->counts;
    return result;
}
