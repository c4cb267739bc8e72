#include "run/decider.h"

#include "base/duration.h"
#include "base/fault_point.h"
#include "base/stop.h"
#include "base/text.h"
#include "dlq.h"
#include "letter/letter_store.h"
#include "letters/originals.h"
#include "letters/put_back.h"
#include "run/batch_puller.h"
#include "run/letter_attempt.h"
#include "run/retire_stages.h"
#include "run/warn_or_stop.h"
#include "streams/settings_watch.h"

#include <inttypes.h>
#include <stdlib.h>

static const int64_t soon = 5 * DURATION_S;
static const int64_t slowly = DURATION_MINUTE;

struct decider {
    struct dlq *dlq;
    struct batch_puller *batches;
    struct requester *requester;
    struct letter_attempt *letter_attempt; /* NULL: letters are put back */
    struct letter_store *letters;
    struct put_back *back;
    bool said_refused, said_no_held;
    struct job messages[BATCH_MAX];
    struct decision items[BATCH_MAX];
    struct stored_message originals[BATCH_MAX]; /* of letters by reference */
    size_t n;
};

int decider_open(struct decider **opened, struct dlq *dlq, struct error *error)
{
    _cleanup_(cleanup_decider) struct decider *decider = calloc(1, sizeof *decider);
    if (!decider)
        return error_set(error, EX_OSERR, "out of memory");
    decider->dlq = dlq;
    if (dlq->options->handler.command &&
        letter_attempt_open(&decider->letter_attempt, dlq, error) < 0)
        return -1;
    if (requester_open(&decider->requester, dlq->connection, error) < 0 ||
        letter_store_open(&decider->letters, dlq->connection, dlq->options->stream, BATCH_MAX,
                          error) < 0 ||
        put_back_open(&decider->back, dlq->connection, dlq->settings->origin_config, error) < 0 ||
        batch_puller_open(&decider->batches, dlq, DUTY_DECIDE,
                          dlq->options->handler.command ? 1 : BATCH_MAX, error) < 0)
        return -1;
    *opened = take(decider);
    return 0;
}

void decider_close(struct decider *decider)
{
    if (!decider)
        return;
    batch_puller_close(decider->batches);
    letter_attempt_close(decider->letter_attempt);
    requester_close(decider->requester);
    letter_store_close(decider->letters);
    put_back_close(decider->back);
    free(decider);
}

const char *decider_durable(const struct decider *decider)
{
    return batch_puller_name(decider->batches);
}

void decider_stop(struct decider *decider)
{
    batch_puller_stop(decider->batches);
}

/* An origin with a subject transform or sources may have no way in for the job: a person must say
 * where it is to go. */
static void hold_without_way(const struct decider *decider, struct decision *item)
{
    if (item->fate != FATE_PUT_BACK || put_back_leads(decider->back, &item->letter))
        return;
    log_warn(decider->dlq->log,
             "# %" PRIu64
             ": nothing that is published gets into %s as %s: held; retry --to puts it "
             "back",
             item->letter.seq, item->letter.origin, item->letter.subject);
    item->fate = FATE_HOLD;
}

static void read_all(struct decider *decider)
{
    const struct dlq_options *options = decider->dlq->options;
    const struct decision_rule rule = {.origin = options->origin,
                                       .retries = options->retries,
                                       .has_handler = decider->letter_attempt != NULL};
    for (size_t i = 0; i < decider->n; i++) {
        decision_begin(&decider->items[i], &decider->messages[i], &rule);
        hold_without_way(decider, &decider->items[i]);
    }
}

/* One whose body is gone with its original has nothing to put back: a person must see it. We may
 * have retired that ourselves, just before a crash; nothing tells this from a purge. */
static void take_original(struct decider *decider, struct decision *item,
                          const struct stored_message *original)
{
    if (original->result == STORED_UNKNOWN) {
        item->waits = true;
    } else if (original->result == STORED_THERE) {
        item->body = &original->job;
    } else {
        log_warn(decider->dlq->log,
                 "# %" PRIu64 " is gone from the origin with its body (decided before a crash, or "
                 "purged): held",
                 item->letter.seq);
        item->fate = FATE_HOLD;
    }
}

static const struct letter *choose_by_reference(void *decider, size_t i)
{
    const struct decision *item = &((struct decider *)decider)->items[i];
    return decision_needs_original(item) ? &item->letter : NULL;
}

static int fetch_bodies(struct decider *decider, struct error *error)
{
    int result = originals_fetch(choose_by_reference, decider, decider->n, decider->originals,
                                 decider->requester, decider->dlq->connection, error);
    for (size_t i = 0; i < decider->n; i++)
        if (decider->originals[i].stream)
            take_original(decider, &decider->items[i], &decider->originals[i]);
    return result;
}

static int run_stage(struct decider *decider, enum stage stage, struct error *error)
{
    return retire_stages_run(decider->dlq, decider->requester, stage, decider->items, decider->n,
                             error);
}

static void say_reprocessing(const struct decider *decider, const struct decision *item)
{
    char shown[TEXT_MAX];
    size_t length;
    const char *body = job_body(item->body, &length);
    log_info(decider->dlq->log, "reprocessing order %s", text_escape(body, length, shown));
}

static void ask_handler(struct decider *decider, struct decision *item)
{
    if (!decider->letter_attempt || item->waits || item->fate != FATE_AGAIN)
        return;
    say_reprocessing(decider, item);
    item->fate = letter_attempt_run(decider->letter_attempt, &item->letter, item->message,
                                    item->body, batch_puller_durable(decider->batches));
    if (item->fate == FATE_DONE)
        item->outcome.kind = PUBACK_STORED; /* what was asked for is done: that is its safe place */
}

static int hold(struct decider *decider, struct decision *item, struct error *error)
{
    char subject[LETTER_SUBJECT_MAX];
    if (!decider->dlq->has_held) {
        if (!decider->said_no_held)
            log_warn(decider->dlq->log, "letters cannot be held: they wait");
        decider->said_no_held = true;
        item->waits = true;
        return 0;
    }
    if (!item->fault) {
        letter_subject(&item->letter, LETTER_HELD, subject);
        log_info(decider->dlq->log, "holding # %" PRIu64 " (%s, put back %" PRIu64 " time%s)",
                 item->letter.seq, item->letter.reason, item->letter.retries,
                 item->letter.retries == 1 ? "" : "s");
        return letter_store_copy(decider->letters, subject, item->message, item->letter.retries,
                                 &item->outcome, error);
    }
    log_warn(decider->dlq->log, "letter # %" PRIu64 " of %s %s: held as unreadable",
             item->message->delivery.seq, decider->dlq->options->stream, item->fault);
    return letter_store_copy_unreadable(decider->letters, decider->dlq->options->origin,
                                        item->message, &item->outcome, error);
}

static int send_one(struct decider *decider, struct decision *item, struct error *error)
{
    if (item->waits)
        return 0;
    if (item->fate == FATE_HOLD)
        return hold(decider, item, error);
    if (item->fate != FATE_PUT_BACK)
        return 0;
    say_reprocessing(decider, item);
    return put_back_send(decider->back, &item->letter, item->body, item->body == item->message,
                         &item->outcome, error);
}

/* A job that fits no more with what we add to it: the letter stays, the body where it is. */
static int hold_too_large(struct decider *decider, struct error *error)
{
    int result = 0;
    for (size_t i = 0; i < decider->n; i++) {
        struct decision *item = &decider->items[i];
        bool is_too_large =
            item->outcome.kind == PUBACK_TOO_LARGE || puback_headers_too_large(&item->outcome);
        if (item->fate != FATE_PUT_BACK || !is_too_large)
            continue;
        log_warn(decider->dlq->log, "# %" PRIu64 " is too large to be put back with our headers",
                 item->letter.seq);
        item->fate = FATE_HOLD;
        if (hold(decider, item, error) < 0)
            result = -1;
    }
    return result;
}

static int send_all(struct decider *decider, struct error *error)
{
    int result = 0;
    for (size_t i = 0; i < decider->n; i++)
        if (send_one(decider, &decider->items[i], error) < 0)
            result = -1;
    put_back_flush(decider->back);
    if (hold_too_large(decider, error) < 0)
        result = -1;
    if (letter_store_flush(decider->letters, error) < 0)
        result = -1;
    return result;
}

static void say_refused(struct decider *decider, const struct decision *item)
{
    if (!decider->said_refused)
        log_warn(decider->dlq->log, "# %" PRIu64 " is not taken by %s (%s %s): trying again",
                 item->letter.seq,
                 item->fate == FATE_HOLD ? decider->dlq->options->stream
                                         : decider->dlq->options->origin,
                 puback_kind_text(item->outcome.kind), item->outcome.description);
    decider->said_refused = true;
}

static void settle_all(struct decider *decider)
{
    const struct job *settled[BATCH_MAX];
    size_t n = 0;
    bool refused = false;
    for (size_t i = 0; i < decider->n; i++) {
        const struct decision *item = &decider->items[i];
        if (decision_is_settled(item)) {
            settled[n++] = item->message;
            continue;
        }
        if (!item->waits && item->fate != FATE_AGAIN) {
            say_refused(decider, item);
            refused = true;
        }
        bool stuck = item->fate == FATE_HOLD && !decider->dlq->has_held;
        batch_puller_later(decider->batches, item->message, stuck ? slowly : soon);
    }
    decider->said_refused = refused;
    batch_puller_settle(decider->batches, settled, n);
}

/* What a handler has done must not be done again because its original goes slowly. */
static int retire_done(struct decider *decider, struct error *error)
{
    int result = 0;
    for (size_t i = 0; i < decider->n; i++) {
        struct decision *item = &decider->items[i];
        while (item->fate == FATE_DONE && item->waits && !stop_wait(DURATION_S))
            result = run_stage(decider, STAGE_RETIRE_AFTER, error);
    }
    return result;
}

/* A stage that fails leaves its items unsettled; the others are settled all the same. */
static int process_stages(struct decider *decider, struct error *error)
{
    read_all(decider);
    fault_point("decide:taken");
    int result = run_stage(decider, STAGE_CHECK, error);
    result |= fetch_bodies(decider, error);
    for (size_t i = 0; i < decider->n; i++)
        ask_handler(decider, &decider->items[i]);
    fault_point("decide:handled");
    result |= run_stage(decider, STAGE_RETIRE_BEFORE, error);
    fault_point("decide:room");
    result |= send_all(decider, error);
    fault_point("decide:sent");
    result |= run_stage(decider, STAGE_RETIRE_AFTER, error);
    result |= retire_done(decider, error);
    result |= run_stage(decider, STAGE_RECHECK, error);
    fault_point("decide:retired");
    return result;
}

static void process_batch(struct decider *decider)
{
    struct error error = {0};
    int result = process_stages(decider, &error);
    settle_all(decider);
    if (result < 0) /* last: what was done is settled before it ends */
        warn_or_stop(decider->dlq, &error);
    fault_point("decide:settled");
}

void decider_run(struct decider *decider)
{
    while ((decider->n = batch_puller_take(decider->batches, decider->messages)) > 0) {
        process_batch(decider);
        batch_puller_done(decider->batches, decider->messages, decider->n,
                          stored_messages_bytes(decider->originals, decider->n));
        stored_messages_clear(decider->originals, decider->n);
    }
    /* Here: what a handler keeps running is killed with the thread that started it. */
    letter_attempt_close(take(decider->letter_attempt));
}
