#include "run/letter_attempt.h"

#include "dlq.h"
#include "handler/attempt_fields.h"
#include "handler/handler.h"
#include "run/run_report.h"

#include <inttypes.h>
#include <jansson.h>

static struct log_event event(const struct log *log, enum log_level level,
                              const struct attempt *attempt, const struct verdict *verdict,
                              enum fate fate)
{
    json_t *fields = attempt_fields(log, level, attempt, verdict);
    const char *outcome = fate == FATE_DONE ? "done" : fate == FATE_HOLD ? "held" : "retry";
    if (fields)
        json_object_set_new(fields, "outcome", json_string(outcome));
    return (struct log_event){.level = level, .fields = fields};
}

static void log_outcome(const struct dlq *dlq, const struct attempt *attempt,
                        const struct verdict *verdict, enum fate fate)
{
    const struct log *log = dlq->log;
    if (verdict->kind == VERDICT_STOPPED || verdict->kind == VERDICT_UNSTARTED)
        log_event(log, event(log, LOG_LEVEL_INFO, attempt, verdict, fate),
                  "# %" PRIu64 " is returned: %s", attempt->seq,
                  verdict->error[0] ? verdict->error : "cut off by the stop");
    else if (fate != FATE_DONE)
        log_event(log, event(log, LOG_LEVEL_WARN, attempt, verdict, fate),
                  "# %" PRIu64 " failed again: %s", attempt->seq, verdict->reason);
    else if (log_takes_fields(log, LOG_LEVEL_INFO))
        log_event(log, event(log, LOG_LEVEL_INFO, attempt, verdict, fate), "# %" PRIu64 " is done",
                  attempt->seq);
}

enum fate letter_attempt_run(const struct dlq *dlq, struct handler *handler,
                             const struct letter *letter, const struct job *message,
                             const struct job *body, const struct durable_state *durable,
                             struct verdict *verdict)
{
    struct attempt attempt;
    attempt_begin_letter(&attempt, dlq->connection, message, letter, body, durable);
    attempt.max = dlq->options->max_attempts;
    handler_run(handler, &attempt, verdict);
    enum fate fate = fate_of_verdict(verdict, message->delivery.deliveries, attempt.max);
    if (verdict->kind == VERDICT_RETRY || verdict->kind == VERDICT_HOPELESS)
        atomic_fetch_add(&dlq->report->failed, 1);
    log_outcome(dlq, &attempt, verdict, fate);
    return fate;
}
