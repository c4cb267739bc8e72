#include "run/collector.h"

#include "base/duration.h"
#include "base/fault_point.h"
#include "base/stop.h"
#include "dlq.h"
#include "letters/letter_batch.h"
#include "queue/durable.h"
#include "run/advisory_check.h"
#include "run/batch_puller.h"
#include "run/direct_requeue.h"
#include "run/warn_or_stop.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static const int64_t soon = 5 * DURATION_S;
static const int64_t slowly = DURATION_MINUTE; /* for what nobody can do anything about now */

/* An advisory on its way through the stages. */
struct item {
    const struct job *note; /* the advisory as it came */
    const char *fault;      /* why it cannot be read, or NULL */
    struct advisory advisory;
    struct consumer_sight consumer;
    enum advisory_status status;
    struct puback held; /* of its copy among the held, when it cannot be read */
};

struct collector {
    struct dlq *dlq;
    struct batch_puller *batches;
    struct letter_batch *letter_batch;
    struct direct_requeue *requeue; /* where the stream takes no letters */
    bool said_refused;
    uint64_t said_up_to; /* the last advisory about which a fault was told: it is told once */
    struct job notes[BATCH_MAX];
    struct item items[BATCH_MAX];
    bool is_first[BATCH_MAX]; /* nothing was told about it yet */
    size_t n;
};

int collector_open(struct collector **opened, struct dlq *dlq, struct error *error)
{
    _cleanup_(cleanup_collector) struct collector *collector = calloc(1, sizeof *collector);
    if (!collector)
        return error_set(error, EX_OSERR, "out of memory");
    collector->dlq = dlq;
    if (letter_batch_open(&collector->letter_batch, dlq, error) < 0 ||
        (!dlq->has_dead && direct_requeue_open(&collector->requeue, dlq, error) < 0) ||
        batch_puller_open(&collector->batches, dlq, DUTY_COLLECT, BATCH_MAX, error) < 0)
        return -1;
    *opened = take(collector);
    return 0;
}

void collector_close(struct collector *collector)
{
    if (!collector)
        return;
    batch_puller_close(collector->batches);
    letter_batch_close(collector->letter_batch);
    direct_requeue_close(collector->requeue);
    free(collector);
}

const char *collector_durable(const struct collector *collector)
{
    return batch_puller_name(collector->batches);
}

void collector_stop(struct collector *collector)
{
    batch_puller_stop(collector->batches);
}

/* They come in their order, and again after a while. */
static bool comes_first(struct collector *collector, uint64_t seq)
{
    if (seq <= collector->said_up_to)
        return false;
    collector->said_up_to = seq;
    return true;
}

static void read_advisories(struct collector *collector)
{
    for (size_t i = 0; i < collector->n; i++) {
        struct item *item = &collector->items[i];
        *item = (struct item){.note = &collector->notes[i]};
        size_t length;
        const char *body = job_body(item->note, &length);
        item->fault =
            advisory_parse(body, length, collector->dlq->options->origin, &item->advisory);
        collector->is_first[i] = comes_first(collector, item->note->delivery.seq);
    }
}

/* One look-up a consumer and batch. */
static void look_up_consumer(struct collector *collector, size_t i)
{
    struct item *item = &collector->items[i];
    for (size_t j = 0; j < i; j++) {
        const struct item *earlier = &collector->items[j];
        if (!earlier->fault && strcmp(earlier->advisory.consumer, item->advisory.consumer) == 0) {
            item->consumer = earlier->consumer;
            return;
        }
    }
    struct durable_state state = {0};
    struct error error = {0};
    int there = durable_look_up(collector->letter_batch->requester, collector->dlq->options->origin,
                                item->advisory.consumer, &state, &error);
    item->consumer = consumer_sight_of(there, &state);
}

/* Consumers first, then the originals, each stage for the whole batch. */
static int judge_all(struct collector *collector, struct error *error)
{
    uint64_t seqs[BATCH_MAX];
    for (size_t i = 0; i < collector->n; i++) {
        if (!collector->items[i].fault)
            look_up_consumer(collector, i);
        seqs[i] = collector->items[i].fault ? 0 : collector->items[i].advisory.seq;
    }
    int result = letter_batch_fetch(collector->letter_batch, seqs, collector->n, error);
    for (size_t i = 0; i < collector->n; i++) {
        struct item *item = &collector->items[i];
        if (!item->fault)
            item->status = advisory_check(&item->advisory, &item->consumer,
                                          &collector->letter_batch->originals[i]);
    }
    return result;
}

static void declare_dead(struct collector *collector, size_t i)
{
    const struct advisory *advisory = &collector->items[i].advisory;
    const struct letter death = {.consumer = advisory->consumer,
                                 .deliveries = advisory->deliveries,
                                 .reason = "max deliveries",
                                 .died_at = advisory->time};
    letter_batch_add(collector->letter_batch, i, &death);
}

static int hold_unreadable(struct collector *collector, struct item *item, struct error *error)
{
    if (!collector->dlq->has_held)
        return 0;
    return letter_store_copy_unreadable(collector->letter_batch->letters,
                                        collector->dlq->options->origin, item->note, &item->held,
                                        error);
}

/* One that cannot be held comes again and again: it is told once. */
static void say_unreadable(struct collector *collector)
{
    for (size_t i = 0; i < collector->n; i++) {
        const struct item *item = &collector->items[i];
        bool is_held = puback_confirms(&item->held);
        if (item->fault && (is_held || collector->is_first[i]))
            log_warn(collector->dlq->log, "advisory # %" PRIu64 " %s: %s", item->note->delivery.seq,
                     item->fault, is_held ? "held" : "left where it is");
    }
}

/* What is to become of each. */
static int sort_out(struct collector *collector, struct error *error)
{
    int result = 0;
    for (size_t i = 0; i < collector->n; i++) {
        struct item *item = &collector->items[i];
        if (item->fault)
            result |= hold_unreadable(collector, item, error);
        else if (item->status == ADVISORY_JOB_DEAD)
            declare_dead(collector, i);
        else
            log_info(collector->dlq->log, "advisory about # %" PRIu64 ": the job %s",
                     item->advisory.seq, advisory_status_text(item->status));
    }
    return result;
}

/* Each dead job to its letter, or back where there are none. */
static int take_out(struct collector *collector, struct error *error)
{
    if (collector->dlq->has_dead)
        return letter_batch_make(collector->letter_batch, error);
    int held = letter_store_flush(collector->letter_batch->letters, error);
    return direct_requeue_put_back(collector->requeue, collector->letter_batch, collector->is_first,
                                   error) < 0
               ? -1
               : held;
}

static bool is_refused(const struct dead *dead)
{
    return dead->is_dead && !puback_confirms(&dead->outcome) && dead->outcome.kind != PUBACK_AGAIN;
}

/* Until it is taken again, once. */
static void say_refused(struct collector *collector)
{
    const struct dead *refused = NULL;
    for (size_t i = 0; i < collector->n && !refused; i++)
        if (is_refused(&collector->letter_batch->dead[i]))
            refused = &collector->letter_batch->dead[i];
    if (refused && !collector->said_refused)
        log_warn(collector->dlq->log,
                 "stream %s does not take what belongs to # %" PRIu64 " (%s %s): trying again",
                 collector->dlq->has_dead ? collector->dlq->options->stream
                                          : collector->dlq->options->origin,
                 refused->letter.seq, puback_kind_text(refused->outcome.kind),
                 refused->outcome.description);
    collector->said_refused = refused != NULL;
}

/* A letter's decision retires again; without letters, that was tried for long. */
static bool is_settled(const struct collector *collector, size_t i)
{
    const struct item *item = &collector->items[i];
    const struct dead *dead = &collector->letter_batch->dead[i];
    if (item->fault)
        return puback_confirms(&item->held);
    if (!dead->is_dead)
        return item->status != ADVISORY_UNDECIDED && item->status != ADVISORY_JOB_DEAD;
    bool cut_off = !collector->dlq->has_dead && stop_requested();
    return puback_confirms(&dead->outcome) && !(cut_off && dead->retired == RETIRE_LATER);
}

static void settle_all(struct collector *collector)
{
    const struct job *settled[BATCH_MAX];
    size_t n = 0;
    for (size_t i = 0; i < collector->n; i++) {
        const struct item *item = &collector->items[i];
        bool stuck = item->fault ? !collector->dlq->has_held : !collector->dlq->has_dead;
        if (is_settled(collector, i))
            settled[n++] = item->note;
        else
            batch_puller_later(collector->batches, item->note, stuck ? slowly : soon);
    }
    batch_puller_settle(collector->batches, settled, n);
}

/* What a stage that failed did not do is unsettled; the rest is settled all the same. */
static int process_stages(struct collector *collector, struct error *error)
{
    read_advisories(collector);
    if (judge_all(collector, error) < 0)
        return -1;
    int sorted = sort_out(collector, error);
    return take_out(collector, error) < 0 ? -1 : sorted;
}

static void process_batch(struct collector *collector)
{
    struct error error = {0};
    fault_point("collect:taken");
    int result = process_stages(collector, &error);
    say_unreadable(collector);
    say_refused(collector);
    settle_all(collector);
    if (result < 0) /* last: what was done is settled before it ends */
        warn_or_stop(collector->dlq, &error);
    fault_point("collect:settled");
}

void collector_run(struct collector *collector)
{
    while ((collector->n = batch_puller_take(collector->batches, collector->notes)) > 0) {
        process_batch(collector);
        batch_puller_done(
            collector->batches, collector->notes, collector->n,
            stored_messages_bytes(collector->letter_batch->originals, collector->letter_batch->n));
        letter_batch_clear(collector->letter_batch);
    }
}
