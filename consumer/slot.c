#include "slot.h"

#include "base/duration.h"
#include "base/fault_point.h"
#include "base/output.h"
#include "base/stop.h"
#include "base/text.h"
#include "base/timestamp.h"
#include "dead_lettering.h"
#include "queue/ack.h"
#include "settlement.h"

#include <stdlib.h>
#include <string.h>

static const int64_t look_for_end = 250 * DURATION_MS;

struct slot {
    struct worker_context *context;
    struct handler *handler;
    struct dead_lettering *dead_lettering;
    struct durable_state durable; /* as it was when the job in hand came */
    struct requester *requester;
};

int slot_open(struct slot **opened, struct worker_context *context, struct error *error)
{
    const struct durable_spec *durable = &context->options->durable;
    _cleanup_(cleanup_slot) struct slot *slot = calloc(1, sizeof *slot);
    if (!slot)
        return error_set(error, EX_OSERR, "out of memory");
    slot->context = context;
    slot->handler =
        handler_open(&context->options->handler, &context->handlers, context->log, error);
    if (!slot->handler || requester_open(&slot->requester, context->connection, error) < 0 ||
        dead_lettering_open(&slot->dead_lettering, context->connection, durable->stream,
                            durable->name, &context->said, error) < 0)
        return -1;
    *opened = take(slot);
    return 0;
}

void slot_close(struct slot *slot)
{
    if (!slot)
        return;
    handler_close(slot->handler);
    dead_lettering_close(slot->dead_lettering);
    requester_close(slot->requester);
    free(slot);
}

/* While it is paused the server delivers nothing, neither what is pending nor what failed. */
static bool is_paused(const struct slot *slot, const struct durable_state *state,
                      struct error *error)
{
    const struct durable_spec *durable = &slot->context->options->durable;
    char until[TIMESTAMP_TEXT_MAX];
    if (state->paused_until <= timestamp_now())
        return false;
    error_set(error, EX_TEMPFAIL,
              "consumer '%s' of '%s' is paused until %s: %llu jobs are left ('nats consumer resume "
              "%s %s -f' ends the pause)",
              durable->name, durable->stream, timestamp_format(state->paused_until, 0, until),
              (unsigned long long)(state->pending + state->ack_pending), durable->stream,
              durable->name);
    return true;
}

/* Nothing waits and nothing is in work anywhere, as far as the server says; or nothing can come, or
 * we may not ask any more. What runs here is waited for first: the stop would cut it off. */
static bool is_all_done(struct slot *slot)
{
    const struct durable_spec *durable = &slot->context->options->durable;
    struct durable_state state;
    struct error error = {0};
    int there =
        durable_look_up(slot->requester, durable->stream, durable->name, &state, NULL, &error);
    if (there == 0 && state.pending == 0 && state.ack_pending == 0)
        return true;
    bool is_denied = there < 0 && error.exit_code == EX_NOPERM;
    if (puller_holds_jobs(slot->context->puller) ||
        !(is_denied || (there == 0 && is_paused(slot, &state, &error))))
        return false;
    stop_because(&error);
    return true;
}

/* False at the end of the work. */
static bool take_job(struct slot *slot, struct job *job)
{
    struct worker_context *context = slot->context;
    for (;;) {
        enum puller_result result = puller_take(context->puller, job, look_for_end);
        if (result == PULLER_JOB)
            return true;
        if (result == PULLER_ENDED)
            return false;
        if (handler_uses_stdout(&context->options->handler))
            (void)output_is_unread(); /* which ends the puller */
        if (context->options->until_empty && is_all_done(slot)) {
            puller_stop(context->puller); /* for the other slots */
            return false;
        }
    }
}

/* With --rate the slots wait and take one at a time: a job that another slot took meanwhile would
 * be delivered before it may begin, and lose the attempt at a stop. Nothing else takes the lock
 * that is held over this wait, and a stop ends the wait. */
static bool next_job(struct slot *slot, struct job *job)
{
    struct worker_context *context = slot->context;
    if (context->options->rate <= 0)
        return take_job(slot, job);
    pthread_mutex_lock(&context->rate_lock);
    rate_limit_wait(&context->rate_limit);
    bool taken = take_job(slot, job);
    rate_limit_count(&context->rate_limit);
    pthread_mutex_unlock(&context->rate_lock);
    return taken;
}

/* The walk-through's lines, and the reason where a handler gave one. */
static void say_failed(const struct slot *slot, const struct attempt *attempt,
                       const struct verdict *verdict, bool dead)
{
    char shown[TEXT_MAX];
    size_t length;
    const char *body = job_body(attempt->job, &length);
    bool has_reason = strcmp(verdict->reason, "failed") != 0;
    text_escape(body, length, shown);
    log_info(slot->context->log, "error processing %s%s%s", shown, has_reason ? ": " : "",
             has_reason ? verdict->reason : "");
    if (dead)
        log_info(slot->context->log, "%s will be processed via DLQ", shown);
}

static void say_returned(const struct slot *slot, const struct attempt *attempt,
                         const struct verdict *verdict)
{
    unsigned long long seq = attempt->job->delivery.seq;
    if (verdict->error[0])
        log_warn(slot->context->log, "# %llu is returned: %s", seq, verdict->error);
    else
        log_info(slot->context->log, "# %llu is cut off by the stop", seq);
}

static natsStatus acknowledge(struct slot *slot, const struct attempt *attempt)
{
    if (slot->context->options->ack == 0)
        return puller_acknowledge(slot->context->puller, attempt->job);
    return ack_confirmed(slot->requester, slot->context->connection, attempt->job, "+ACK")
               ? NATS_OK
               : NATS_TIMEOUT;
}

/* What cannot be sent now is sent after the reconnect, or the job comes again. */
static void settle(struct slot *slot, struct attempt *attempt, const struct verdict *verdict)
{
    struct worker_context *context = slot->context;
    const struct settlement settlement = settlement_of(
        verdict, attempt_is_last(attempt), attempt_lease_expired(attempt), &slot->durable);
    natsStatus s = NATS_OK;
    if (settlement.action != SETTLEMENT_DEAD_LETTER &&
        (verdict->kind == VERDICT_STOPPED || verdict->kind == VERDICT_UNSTARTED))
        say_returned(slot, attempt, verdict);
    else if (verdict->kind != VERDICT_DONE)
        say_failed(slot, attempt, verdict, settlement.action == SETTLEMENT_DEAD_LETTER);
    if (settlement.action == SETTLEMENT_DONE)
        s = acknowledge(slot, attempt);
    else if (settlement.action == SETTLEMENT_RETRY)
        s = ack_retry(context->connection, attempt->job, settlement.delay);
    else if (settlement.action == SETTLEMENT_DEAD_LETTER)
        dead_letter_job(slot->dead_lettering, attempt, verdict);
    if (s != NATS_OK)
        log_warn(context->log, "the server did not confirm what we said of # %llu: %s",
                 (unsigned long long)attempt->job->delivery.seq, natsStatus_GetText(s));
}

/* One that came more often than its attempts allow is buried without being run. */
static void bury_spent(struct slot *slot, struct attempt *attempt)
{
    struct verdict verdict = {.kind = VERDICT_RETRY, .exit_code = -1, .reason = "max deliveries"};
    if (dead_letter_job(slot->dead_lettering, attempt, &verdict))
        log_info(slot->context->log, "# %llu used up its attempts: buried",
                 (unsigned long long)attempt->job->delivery.seq);
}

static void handle(struct slot *slot, const struct job *job)
{
    struct worker_context *context = slot->context;
    struct attempt attempt;
    struct verdict verdict = {0};
    durable_watch_state(context->durable, &slot->durable);
    attempt_begin(&attempt, context->connection, context->options->durable.stream, job,
                  &slot->durable);
    if (settlement_is_exhausted(attempt.number, &slot->durable)) {
        bury_spent(slot, &attempt);
        return;
    }
    fault_point("slot:taken");
    handler_run(slot->handler, &attempt, &verdict);
    fault_point("slot:run");
    settle(slot, &attempt, &verdict);
    fault_point("slot:settled");
    job_log_add(context->job_log, &attempt, &verdict, context->log);
}

void slot_run(struct slot *slot)
{
    struct job job = {0};
    while (next_job(slot, &job)) {
        handle(slot, &job);
        job_clear(&job);
        puller_release(slot->context->puller);
    }
    /* Here: what a handler keeps running is killed with the thread that started it. */
    handler_close(take(slot->handler));
}
