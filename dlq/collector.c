#include "collector.h"

#include "durable.h"
#include "duration.h"
#include "fate.h"
#include "intake.h"
#include "judge.h"
#include "letter_store.h"
#include "put_back.h"
#include "retire.h"
#include "text.h"

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
    enum judge_consumer consumer;
    int64_t created;
    enum judgement judgement;
    struct letter letter;
    struct puback outcome; /* of its letter, its put-back or its copy among the held */
    bool settled;          /* nothing is left to do about it */
    bool retires;          /* the original is to be removed */
};

struct collector {
    struct dlq *dlq;
    struct intake *intake;
    struct exchange *exchange;
    struct letter_store *letters; /* NULL where the stream takes none */
    struct put_back *back;
    bool said_refused;
    char filter[640];
    struct job notes[INTAKE_BATCH];
    struct item items[INTAKE_BATCH];
    struct stored originals[INTAKE_BATCH];
    struct retirement retirements[INTAKE_BATCH];
    size_t n;
};

int collector_open(struct collector **opened, struct dlq *dlq, struct error *error)
{
    _cleanup_(cleanup_collector) struct collector *collector = calloc(1, sizeof *collector);
    if (!collector)
        return error_set(error, EX_OSERR, "out of memory");
    collector->dlq = dlq;
    snprintf(collector->filter, sizeof collector->filter,
             "$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES.%s.*", dlq->options->origin);
    if (exchange_open(&collector->exchange, dlq->connection, error) < 0 ||
        put_back_open(&collector->back, dlq->connection, error) < 0)
        return -1;
    if ((dlq->has_dead || dlq->has_held) &&
        letter_store_open(&collector->letters, dlq->connection, dlq->options->stream, INTAKE_BATCH,
                          error) < 0)
        return -1;
    if (intake_open(&collector->intake, dlq, "unprocessed_order_handler", collector->filter,
                    INTAKE_BATCH, error) < 0)
        return -1;
    *opened = take(collector);
    return 0;
}

void collector_close(struct collector *collector)
{
    if (!collector)
        return;
    intake_close(collector->intake);
    exchange_close(collector->exchange);
    letter_store_close(collector->letters);
    put_back_close(collector->back);
    free(collector);
}

void collector_stop(struct collector *collector)
{
    intake_stop(collector->intake);
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
            item->created = earlier->created;
            return;
        }
    }
    struct durable_state state = {0};
    struct error error = {0};
    int there = durable_look_up(collector->exchange, collector->dlq->options->origin,
                                item->advisory.consumer, &state, &error);
    item->consumer = there < 0 ? CONSUMER_UNKNOWN : there > 0 ? CONSUMER_GONE : CONSUMER_THERE;
    item->created = state.created;
}

/* Consumers first, then the originals, each stage for the whole batch. */
static int judge_all(struct collector *collector, struct error *error)
{
    for (size_t i = 0; i < collector->n; i++) {
        struct item *item = &collector->items[i];
        if (!item->fault)
            look_up_consumer(collector, i);
        /* Sequence 0 is never stored: what cannot be read asks for nothing. */
        collector->originals[i] = (struct stored){
            .stream = collector->dlq->options->origin,
            .seq = item->fault ? 0 : item->advisory.seq,
        };
    }
    int result = stored_fetch(collector->exchange, collector->dlq->connection, collector->originals,
                              collector->n, error);
    for (size_t i = 0; i < collector->n; i++)
        if (!collector->items[i].fault)
            collector->items[i].judgement =
                judge_advisory(&collector->items[i].advisory, collector->items[i].consumer,
                               collector->items[i].created, &collector->originals[i]);
    return result;
}

static void write_about(struct collector *collector, size_t i)
{
    struct item *item = &collector->items[i];
    item->letter = (struct letter){.origin = collector->dlq->options->origin,
                                   .consumer = item->advisory.consumer,
                                   .deliveries = item->advisory.deliveries,
                                   .reason = "max deliveries",
                                   .died_at = item->advisory.time};
    letter_about(&item->letter, &collector->originals[i].job);
}

static int hold_unreadable(struct collector *collector, struct item *item, struct error *error)
{
    log_warn(collector->dlq->log, "advisory # %" PRIu64 " %s: %s", item->note->delivery.seq,
             item->fault, collector->dlq->has_held ? "held" : "left where it is");
    if (!collector->dlq->has_held)
        return 0;
    return letter_store_copy_unreadable(collector->letters, collector->dlq->options->origin,
                                        item->note, &item->outcome, error);
}

/* A job is put back from the advisory itself, as in the walk-through, when there are no letters. */
static int put_back_straight(struct collector *collector, size_t i, struct error *error)
{
    struct item *item = &collector->items[i];
    char shown[TEXT_MAX];
    size_t length;
    const char *body = job_body(&collector->originals[i].job, &length);
    text_escape(body, length, shown);
    if (fate_of(&item->letter, collector->dlq->options->retries, 1) == FATE_HOLD) {
        log_warn(collector->dlq->log,
                 "%s (# %" PRIu64 ") used up its retries and cannot be held: "
                 "left in the origin",
                 shown, item->letter.seq);
        return 0;
    }
    log_info(collector->dlq->log, "reprocessing order %s", shown);
    return put_back_send(collector->back, &item->letter, &collector->originals[i].job, false,
                         &item->outcome, error);
}

static int send_one(struct collector *collector, size_t i, struct error *error)
{
    struct item *item = &collector->items[i];
    item->outcome = (struct puback){.kind = PUBACK_AGAIN};
    if (item->fault)
        return hold_unreadable(collector, item, error);
    if (item->judgement != JUDGE_DEAD) {
        item->settled = item->judgement != JUDGE_UNKNOWN;
        log_info(collector->dlq->log, "advisory about # %" PRIu64 ": the job %s",
                 item->advisory.seq, judgement_text(item->judgement));
        return 0;
    }
    write_about(collector, i);
    item->retires = true;
    if (!collector->dlq->has_dead)
        return put_back_straight(collector, i, error);
    return letter_store_put(collector->letters, LETTER_DEAD, &item->letter,
                            &collector->originals[i].job, &item->outcome, error);
}

/* After this stage each item's outcome says whether its job is safe in its new place. */
static int send_all(struct collector *collector, struct error *error)
{
    int result = 0;
    for (size_t i = 0; i < collector->n; i++)
        if (send_one(collector, i, error) < 0)
            result = -1;
    put_back_flush(collector->back);
    if (collector->letters && letter_store_flush(collector->letters, error) < 0)
        result = -1;
    return result;
}

static void say_refused(struct collector *collector, const struct item *item)
{
    if (!collector->said_refused && item->outcome.kind != PUBACK_AGAIN)
        log_warn(collector->dlq->log,
                 "stream %s does not take what belongs to # %" PRIu64 " (%s %s): trying again",
                 collector->dlq->has_dead ? collector->dlq->options->stream
                                          : collector->dlq->options->origin,
                 item->letter.seq, puback_kind_text(item->outcome.kind), item->outcome.description);
    collector->said_refused = item->outcome.kind != PUBACK_AGAIN;
}

/* Only what is confirmed is retired; a letter by reference keeps its body in the origin. */
static bool may_retire(const struct item *item)
{
    return item->retires && puback_confirms(&item->outcome) && !item->letter.by_reference;
}

static int retire_all(struct collector *collector, struct error *error)
{
    size_t n = 0;
    for (size_t i = 0; i < collector->n; i++)
        if (may_retire(&collector->items[i]))
            collector->retirements[n++] = retirement_of(&collector->items[i].letter);
    return retire(collector->exchange, collector->dlq->connection, collector->retirements, n,
                  error);
}

/* A letter's decision retires again; without letters, the advisory is all that knows of the job. */
static void conclude_all(struct collector *collector)
{
    size_t n = 0;
    for (size_t i = 0; i < collector->n; i++) {
        struct item *item = &collector->items[i];
        if (puback_confirms(&item->outcome))
            item->settled = true;
        else if (item->retires)
            say_refused(collector, item);
        if (may_retire(item) && collector->retirements[n++].outcome == RETIRE_LATER &&
            !collector->dlq->has_dead)
            item->settled = false;
    }
}

static void settle_all(struct collector *collector)
{
    const struct job *settled[INTAKE_BATCH];
    size_t n = 0;
    for (size_t i = 0; i < collector->n; i++) {
        const struct item *item = &collector->items[i];
        bool stuck = item->fault ? !collector->dlq->has_held : !collector->dlq->has_dead;
        if (item->settled)
            settled[n++] = item->note;
        else
            intake_later(collector->intake, item->note, stuck ? slowly : soon);
    }
    intake_settle(collector->intake, settled, n);
}

static void process_batch(struct collector *collector)
{
    struct error error = {0};
    read_advisories(collector);
    if (judge_all(collector, &error) < 0 || send_all(collector, &error) < 0)
        log_warn(collector->dlq->log, "%s", error.text);
    if (retire_all(collector, &error) < 0)
        log_warn(collector->dlq->log, "%s", error.text);
    conclude_all(collector);
    settle_all(collector);
    stored_clear(collector->originals, collector->n);
}

void collector_run(struct collector *collector)
{
    while ((collector->n = intake_take(collector->intake, collector->notes)) > 0) {
        process_batch(collector);
        intake_done(collector->intake, collector->notes, collector->n);
    }
}
