#include "attempt_log.h"

#include "handler/attempt_fields.h"
#include "handler/job_name.h"

#include <inttypes.h>
#include <jansson.h>
#include <string.h>

static struct log_event event(const struct log *log, enum log_level level,
                              const struct attempt *attempt, const struct verdict *verdict,
                              enum settlement_action action)
{
    json_t *fields = attempt_fields(log, level, attempt, verdict);
    if (fields)
        json_object_set_new(fields, "outcome", json_string(settlement_action_text(action)));
    return (struct log_event){.level = level, .is_plain = true, .fields = fields};
}

/* The lines of basic usage, and the reason if the handler gave one. */
static void log_failed(const struct log *log, const struct handler_options *options,
                       const struct attempt *attempt, const struct verdict *verdict,
                       enum settlement_action action)
{
    bool has_reason = strcmp(verdict->reason, "failed") != 0;
    struct job_name name;
    job_name(&name, options, attempt->job, attempt->seq);
    log_event(log, event(log, LOG_LEVEL_WARN, attempt, verdict, action),
              "error processing %s%s%s%s", name.text, has_reason ? ": " : "",
              has_reason ? verdict->reason : "", name.end);
    if (action == SETTLEMENT_DEAD_LETTER)
        log_event(log, event(log, LOG_LEVEL_ERROR, attempt, verdict, action),
                  "%s will be processed via DLQ%s", name.text, name.end);
}

static void log_returned(const struct log *log, const struct attempt *attempt,
                         const struct verdict *verdict)
{
    if (verdict->error[0])
        log_attempt(log, LOG_LEVEL_WARN, attempt, verdict,
                    "# %" PRIu64 " is returned to the queue: %s", attempt->seq, verdict->error);
    else
        log_attempt(log, LOG_LEVEL_INFO, attempt, verdict, "# %" PRIu64 " is cut off by the stop",
                    attempt->seq);
}

void attempt_log_settlement(const struct log *log, const struct handler_options *options,
                            const struct attempt *attempt, const struct verdict *verdict,
                            enum settlement_action action)
{
    bool is_returned = verdict->kind == VERDICT_STOPPED || verdict->kind == VERDICT_UNSTARTED;
    if (is_returned && action != SETTLEMENT_DEAD_LETTER)
        log_returned(log, attempt, verdict);
    else if (verdict->kind != VERDICT_DONE)
        log_failed(log, options, attempt, verdict, action);
}

void attempt_log_exhausted(const struct log *log, const struct attempt *attempt,
                           const struct verdict *verdict)
{
    log_attempt(log, LOG_LEVEL_ERROR, attempt, verdict,
                "# %" PRIu64 " used up its attempts: dead-lettered", attempt->seq);
}
