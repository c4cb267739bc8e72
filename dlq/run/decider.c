#include "run/decider.h"

#include "base/clock.h"
#include "base/duration.h"
#include "base/fault_point.h"
#include "base/stop.h"
#include "dlq.h"
#include "handler/handler.h"
#include "letter/letter_store.h"
#include "letters/originals.h"
#include "letters/requeuer.h"
#include "run/batch_puller.h"
#include "run/letter_attempt.h"
#include "run/letter_log.h"
#include "run/retire_stages.h"
#include "run/run_report.h"
#include "run/warn_or_stop.h"
#include "streams/settings_watch.h"

#include <inttypes.h>
#include <stdlib.h>

struct decider {
    struct dlq *dlq;
    struct batch_puller *puller;
    struct requester *requester;
    struct handler *handler; /* NULL: letters are put back */
    struct letter_store *letters;
    struct requeuer *requeuer;
    bool warned_refused, warned_no_held;
    uint64_t last_new; /* see letter_log_is_new */
    struct job messages[BATCH_MAX];
    struct decision decisions[BATCH_MAX];
    enum batch_settlement settlements[BATCH_MAX];
    size_t n;
    struct stored_message originals[BATCH_MAX]; /* originals of the letters by reference */
    int64_t rechecked_at; /* when the last look at the originals that are alive began */
};

int decider_open(struct decider **opened, struct dlq *dlq, struct error *error)
{
    const struct handler_options *options = &dlq->options->handler;
    bool has_handler = handler_decides_letters(options);
    _cleanup_(cleanup_decider) struct decider *decider = calloc(1, sizeof *decider);
    if (!decider)
        return error_set(error, EX_OSERR, "out of memory");
    decider->dlq = dlq;
    if (has_handler && !(decider->handler = handler_open(options, &dlq->handlers, dlq->log, error)))
        return -1;
    if (requester_open(&decider->requester, dlq->connection, error) < 0 ||
        letter_store_open(&decider->letters, dlq->connection, dlq->options->stream, BATCH_MAX,
                          error) < 0 ||
        requeuer_open(&decider->requeuer, dlq->connection, dlq->settings->origin_config, error) <
            0 ||
        batch_puller_open(&decider->puller, dlq, DUTY_DECIDE, has_handler ? 1 : BATCH_MAX, error) <
            0)
        return -1;
    *opened = take(decider);
    return 0;
}

void decider_close(struct decider *decider)
{
    if (!decider)
        return;
    batch_puller_close(decider->puller);
    handler_close(decider->handler);
    requester_close(decider->requester);
    letter_store_close(decider->letters);
    requeuer_close(decider->requeuer);
    free(decider);
}

struct batch_puller *decider_puller(const struct decider *decider)
{
    return decider->puller;
}

/* An origin with a subject transform or sources may store nothing that is published under the job's
 * subject: a person must say where the job should go. */
static void hold_unreachable(const struct decider *decider, struct decision *decision)
{
    if (decision->fate != FATE_PUT_BACK || requeuer_can_reach(decider->requeuer, &decision->letter))
        return;
    log_letter(decider->dlq->log, LOG_LEVEL_WARN, &decision->letter,
               "# %" PRIu64 ": no message can be published into %s as %s: held; retry --to puts it "
               "back",
               decision->letter.seq, decision->letter.origin, decision->letter.subject);
    decision->fate = FATE_HOLD;
}

static void read_all(struct decider *decider)
{
    const struct dlq_options *options = decider->dlq->options;
    const struct decision_rule rule = {.origin = options->origin,
                                       .retries = options->retries,
                                       .has_handler = decider->handler != NULL};
    for (size_t i = 0; i < decider->n; i++) {
        decision_begin(&decider->decisions[i], &decider->messages[i], &rule);
        decider->decisions[i].is_new =
            letter_log_is_new(&decider->last_new, decider->messages[i].delivery.seq);
        hold_unreachable(decider, &decider->decisions[i]);
    }
}

/* A letter whose body is gone with the original has nothing to put back: a person must see it. We
 * may have retired the original ourselves, just before a crash; this looks the same as a purge. */
static void take_original(struct decider *decider, struct decision *decision,
                          const struct stored_message *original)
{
    if (original->result == STORED_UNKNOWN) {
        decision->is_deferred = true;
    } else if (original->result == STORED_THERE) {
        decision->body = &original->job;
    } else {
        log_letter(decider->dlq->log, LOG_LEVEL_WARN, &decision->letter,
                   "# %" PRIu64
                   " is gone from the origin with its body (decided before a crash, or "
                   "purged): held",
                   decision->letter.seq);
        decision->fate = FATE_HOLD;
    }
}

static const struct letter *choose_by_reference(void *decider, size_t i)
{
    const struct decision *decision = &((struct decider *)decider)->decisions[i];
    return decision_needs_body(decision) ? &decision->letter : NULL;
}

static int fetch_bodies(struct decider *decider, struct error *error)
{
    int result = originals_fetch(choose_by_reference, decider, decider->n, decider->originals,
                                 decider->requester, error);
    for (size_t i = 0; i < decider->n; i++)
        if (decider->originals[i].stream)
            take_original(decider, &decider->decisions[i], &decider->originals[i]);
    return result;
}

static int run_stage(struct decider *decider, enum retire_stage stage, struct error *error)
{
    return retire_stages_run(decider->dlq, decider->requester, stage, decider->decisions,
                             decider->n, error);
}

static void run_handler(struct decider *decider, struct decision *decision)
{
    if (!decider->handler || decision->is_deferred || decision->fate != FATE_UNDECIDED)
        return;
    letter_log_reprocessing(decider->dlq, &decision->letter, decision->body);
    decision->fate =
        letter_attempt_run(decider->dlq, decider->handler, &decision->letter, decision->message,
                           decision->body, batch_puller_state(decider->puller), &decision->verdict);
    if (decision->fate == FATE_DONE) /* the work is done: as safe as stored elsewhere */
        decision->outcome.kind = PUBACK_STORED;
}

static int hold(struct decider *decider, struct decision *decision, struct error *error)
{
    char subject[LETTER_SUBJECT_MAX];
    if (!decider->dlq->has_held) {
        if (!decider->warned_no_held)
            log_warn(decider->dlq->log, "letters cannot be held: they stay waiting");
        decider->warned_no_held = true;
        decision->is_deferred = true;
        return 0;
    }
    if (!decision->fault) {
        const char *reason = decision->verdict.reason, *why = decision->verdict.error;
        letter_subject(&decision->letter, SUBJECT_HELD, subject);
        if (*reason) { /* of the COMMAND that failed for the letter */
            decision->letter.reason = reason;
            decision->letter.error = why;
        }
        return letter_store_copy_as(decider->letters, subject, decision->message,
                                    decision->letter.retries, *reason ? reason : NULL,
                                    *reason ? why : NULL, &decision->outcome, error);
    }
    log_warn(decider->dlq->log, "letter # %" PRIu64 " of %s %s: held as unreadable",
             decision->message->delivery.seq, decider->dlq->options->stream, decision->fault);
    return letter_store_copy_unreadable(decider->letters, decider->dlq->options->origin,
                                        decision->message, &decision->outcome, error);
}

static int send_one(struct decider *decider, struct decision *decision, struct error *error)
{
    if (decision->is_deferred)
        return 0;
    if (decision->fate == FATE_HOLD)
        return hold(decider, decision, error);
    if (decision->fate != FATE_PUT_BACK)
        return 0;
    if (decision->is_new)
        letter_log_reprocessing(decider->dlq, &decision->letter, decision->body);
    return requeuer_send(decider->requeuer, &decision->letter, decision->body,
                         decision->body == decision->message, NULL, &decision->outcome, error);
}

/* The headers that we add can make a job too large for the origin: its letter is held as it is. */
static int hold_too_large(struct decider *decider, struct error *error)
{
    int result = 0;
    for (size_t i = 0; i < decider->n; i++) {
        struct decision *decision = &decider->decisions[i];
        bool is_too_large = decision->outcome.kind == PUBACK_TOO_LARGE ||
                            puback_headers_too_large(&decision->outcome);
        if (decision->fate != FATE_PUT_BACK || !is_too_large)
            continue;
        log_letter(decider->dlq->log, LOG_LEVEL_WARN, &decision->letter,
                   "# %" PRIu64 " is too large to be put back with the headers of natsq: held",
                   decision->letter.seq);
        decision->fate = FATE_HOLD;
        if (hold(decider, decision, error) < 0)
            result = -1;
    }
    return result;
}

static int send_all(struct decider *decider, struct error *error)
{
    int result = 0;
    for (size_t i = 0; i < decider->n; i++)
        if (send_one(decider, &decider->decisions[i], error) < 0)
            result = -1;
    requeuer_flush(decider->requeuer);
    if (hold_too_large(decider, error) < 0)
        result = -1;
    if (letter_store_flush(decider->letters, error) < 0)
        result = -1;
    return result;
}

static void warn_refused(struct decider *decider, const struct decision *decision)
{
    char why[PUBACK_TEXT_MAX];
    if (!decider->warned_refused)
        log_letter(decider->dlq->log, LOG_LEVEL_WARN, &decision->letter,
                   "# %" PRIu64 " is not taken by %s (%s): trying again", decision->letter.seq,
                   decision->fate == FATE_HOLD ? decider->dlq->options->stream
                                               : decider->dlq->options->origin,
                   puback_text(&decision->outcome, why));
    decider->warned_refused = true;
}

static enum batch_settlement settlement_of(struct decider *decider, const struct decision *decision)
{
    bool is_stuck = decision->fate == FATE_HOLD && !decider->dlq->has_held;
    bool is_old = decision->fate == FATE_JOB_ALIVE && retire_look_is_old(decider->rechecked_at);
    if (decision_is_settled(decision) && !is_old)
        return BATCH_ACK;
    return is_stuck ? BATCH_RETRY_SLOWLY : BATCH_RETRY;
}

/* A fate that was confirmed earlier (duplicate, exists) was counted then. */
static void count(const struct decider *decider, const struct decision *decision)
{
    struct run_report *report = decider->dlq->report;
    if (decision->fate == FATE_HOLD && !decision->fault && decision_is_settled(decision))
        letter_log_holding(decider->dlq, &decision->letter);
    if (!decision_is_settled(decision) || decision->outcome.kind != PUBACK_STORED)
        return;
    if (decision->fate == FATE_DONE)
        atomic_fetch_add(&report->done, 1);
    else if (decision->fate == FATE_PUT_BACK)
        atomic_fetch_add(&report->put_back, 1);
    else if (decision->fate == FATE_HOLD)
        atomic_fetch_add(&report->held, 1);
}

static void settle_all(struct decider *decider)
{
    bool any_refused = false;
    for (size_t i = 0; i < decider->n; i++) {
        const struct decision *decision = &decider->decisions[i];
        if (decision_is_refused(decision)) {
            warn_refused(decider, decision);
            any_refused = true;
        }
        decider->settlements[i] = settlement_of(decider, decision);
        count(decider, decision);
    }
    decider->warned_refused = any_refused;
    batch_puller_settle(decider->puller, decider->messages, decider->settlements, decider->n,
                        stored_messages_bytes(decider->originals, decider->n));
}

/* Waits for originals that are slow to be removed: a redelivered letter would run its handler
 * again. */
static int retire_done(struct decider *decider, struct error *error)
{
    int result = 0;
    for (size_t i = 0; i < decider->n; i++) {
        struct decision *decision = &decider->decisions[i];
        while (decision->fate == FATE_DONE && decision->is_deferred && !stop_wait(DURATION_S))
            result = run_stage(decider, STAGE_RETIRE_AFTER, error);
    }
    return result;
}

/* The order is explained in decision.h. Letters for which a stage failed are redelivered. */
static int process_stages(struct decider *decider, struct error *error)
{
    read_all(decider);
    fault_point("decide:taken");
    int result = run_stage(decider, STAGE_CHECK, error);
    result |= fetch_bodies(decider, error);
    for (size_t i = 0; i < decider->n; i++)
        run_handler(decider, &decider->decisions[i]);
    fault_point("decide:handled");
    result |= run_stage(decider, STAGE_RETIRE_BEFORE, error);
    fault_point("decide:room");
    result |= send_all(decider, error);
    fault_point("decide:sent");
    result |= run_stage(decider, STAGE_RETIRE_AFTER, error);
    result |= retire_done(decider, error);
    decider->rechecked_at = clock_now();
    result |= run_stage(decider, STAGE_RECHECK, error);
    fault_point("decide:retired");
    return result;
}

static void process_batch(struct decider *decider)
{
    struct error error = {0};
    int result = process_stages(decider, &error);
    settle_all(decider);
    if (result < 0) /* last: what was done is settled even if this ends the program */
        warn_or_stop(decider->dlq, &error);
    fault_point("decide:settled");
    stored_messages_clear(decider->originals, decider->n);
}

void *decider_run(void *closure)
{
    struct decider *decider = closure;
    while ((decider->n = batch_puller_take(decider->puller, decider->messages)) > 0)
        process_batch(decider);
    /* Closed by this thread: the processes of a handler die with the thread that started them. */
    handler_close(take(decider->handler));
    return NULL;
}
