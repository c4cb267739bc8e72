#include "slot.h"

#include "attempt_log.h"
#include "base/duration.h"
#include "base/fault_point.h"
#include "base/output.h"
#include "base/program_name.h"
#include "base/stop.h"
#include "base/thread.h"
#include "base/timestamp.h"
#include "handler/attempt_fields.h"
#include "queue/ack.h"
#include "queue/durable.h"
#include "settlement.h"

#include <inttypes.h>
#include <sys/eventfd.h>

static const int64_t empty_check_interval = 250 * DURATION_MS;

int slot_init(struct slot *slot, struct worker_context *context, struct error *error)
{
    const struct consumer_options *options = context->options;
    slot->context = context;
    slot->handler = handler_open(&options->handler, &context->handlers, context->log, error);
    if (!slot->handler || requester_open(&slot->requester, context->connection, error) < 0)
        return -1;
    dead_lettering_init(&slot->dead_lettering, context->connection, slot->requester,
                        &options->durable, &context->warnings);
    return 0;
}

void slot_release(struct slot *slot)
{
    handler_close(slot->handler);
    dead_lettering_release(&slot->dead_lettering);
    requester_close(slot->requester);
}

/* Whether the durable is paused. Then the server delivers nothing, neither pending jobs nor those
 * that wait out a backoff. */
static bool is_paused(const struct slot *slot, const struct durable_state *state,
                      struct error *error)
{
    const struct durable_spec *durable = &slot->context->options->durable;
    char until[TIMESTAMP_TEXT_MAX];
    if (state->paused_until <= timestamp_now())
        return false;
    error_set(error, EX_TEMPFAIL,
              "consumer '%s' of '%s' is paused until %s: %llu jobs are left ('%s consumer resume "
              "%s %s -f' ends the pause)",
              durable->name, durable->stream, timestamp_format(state->paused_until, 0, until),
              (unsigned long long)(state->pending + state->ack_pending), program_call("nats"),
              durable->stream, durable->name);
    return true;
}

/* Whether --until-empty is reached: no job is pending or in flight anywhere; or none can be
 * delivered, or we may not ask. In the last two cases our own jobs are finished first, since the
 * stop would cut them off. */
static bool is_empty(struct slot *slot)
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

static enum puller_result take_within(struct slot *slot, struct job *job, int64_t ns)
{
    struct worker_context *context = slot->context;
    if (slot->is_probe)
        return puller_probe(context->puller, job, ns);
    enum puller_result result = puller_take(context->puller, job, ns);
    if (result == PULLER_PAUSED)
        slot->is_probe = intake_wait(&context->intake, ns);
    return result;
}

/* Waits for a job. False: there are no more. */
static bool take_job(struct slot *slot, struct job *job)
{
    struct worker_context *context = slot->context;
    for (;;) {
        enum puller_result result = take_within(slot, job, empty_check_interval);
        if (result == PULLER_JOB)
            return true;
        if (result == PULLER_ENDED)
            return false;
        if (handler_uses_stdout(&context->options->handler))
            (void)output_is_unread(); /* if so, it requests a stop, which ends the puller */
        if (context->options->until_empty && is_empty(slot)) {
            puller_stop(context->puller); /* so that the other slots end too */
            return false;
        }
    }
}

/* With --rate one slot waits at a time, and takes its job only when the job may begin: a job taken
 * earlier would lose an attempt at a stop. Nothing else takes the lock that is held over this wait,
 * and a stop ends the wait. */
static bool take_job_at_rate(struct slot *slot, struct job *job)
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

static natsStatus acknowledge(struct slot *slot, const struct attempt *attempt)
{
    if (slot->context->options->ack == 0)
        return puller_acknowledge(slot->context->puller, attempt->job);
    return ack_confirmed(slot->requester, attempt->job, "+ACK") ? NATS_OK : NATS_TIMEOUT;
}

/* Before the acknowledgement, which would request the next job. */
static void count_for_breaker(struct slot *slot, const struct verdict *verdict)
{
    intake_count(&slot->context->intake, verdict, slot->is_probe);
    slot->is_probe = false;
}

/* An answer that cannot be sent now is sent after the reconnect, or the job is redelivered. */
static enum settlement_action settle(struct slot *slot, struct attempt *attempt,
                                     const struct verdict *verdict)
{
    struct worker_context *context = slot->context;
    const struct settlement settlement = settlement_of(
        verdict, attempt_is_last(attempt), attempt_lease_expired(attempt), &slot->durable);
    natsStatus s = NATS_OK;
    attempt_log_settlement(context->log, &context->options->handler, attempt, verdict,
                           settlement.action);
    count_for_breaker(slot, verdict);
    if (settlement.action == SETTLEMENT_DONE)
        s = acknowledge(slot, attempt);
    else if (settlement.action == SETTLEMENT_RETRY)
        s = ack_retry(context->connection, attempt->job, settlement.delay);
    else if (settlement.action == SETTLEMENT_DEAD_LETTER)
        (void)dead_letter_job(&slot->dead_lettering, attempt, verdict);
    if (s != NATS_OK)
        log_attempt(context->log, LOG_LEVEL_WARN, attempt, verdict,
                    "the server did not confirm the settlement of # %" PRIu64 ": %s", attempt->seq,
                    natsStatus_GetText(s));
    else if (settlement.action == SETTLEMENT_DONE || settlement.action == SETTLEMENT_RETRY)
        worker_report_answer(&context->report, context->connection);
    worker_report_count(&context->report, verdict, settlement.action);
    return settlement.action;
}

static void dead_letter_exhausted(struct slot *slot, struct attempt *attempt)
{
    struct verdict verdict = {.kind = VERDICT_RETRY, .exit_code = -1, .reason = "max deliveries"};
    /* The job may be redelivered again, until its letter is stored. */
    if (attempt->number == slot->durable.attempts + 1)
        atomic_fetch_add(&slot->context->report.dead, 1);
    if (dead_letter_job(&slot->dead_lettering, attempt, &verdict))
        attempt_log_exhausted(slot->context->log, attempt, &verdict);
}

static void handle(struct slot *slot, const struct job *job)
{
    struct worker_context *context = slot->context;
    struct attempt attempt;
    struct verdict verdict = {0};
    durable_watch_state(context->durable, &slot->durable);
    attempt_begin(&attempt, context->connection, context->options->durable.stream,
                  context->options->durable.name, job, &slot->durable);
    if (settlement_is_exhausted(attempt.number, &slot->durable)) {
        dead_letter_exhausted(slot, &attempt);
        return;
    }
    fault_point("slot:taken");
    handler_run(slot->handler, &attempt, &verdict);
    fault_point("slot:run");
    enum settlement_action action = settle(slot, &attempt, &verdict);
    fault_point("slot:settled");
    job_log_add(context->job_log, &attempt, &verdict, action, context->log);
}

static void *run_slot(void *closure)
{
    struct slot *slot = closure;
    struct worker_context *context = slot->context;
    struct job job = {0};
    while (take_job_at_rate(slot, &job)) {
        handle(slot, &job);
        job_clear(&job);
        puller_release(context->puller);
    }
    handler_close(take(slot->handler)); /* closed by the thread that ran it (handler.h) */
    if (atomic_fetch_sub(&context->running, 1) == 1)
        eventfd_write(context->finished, 1);
    return NULL;
}

int slot_start(struct slot *slot, struct error *error)
{
    return thread_start(&slot->thread, run_slot, slot, error);
}
