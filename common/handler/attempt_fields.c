#include "handler/attempt_fields.h"

#include "base/clock.h"
#include "base/duration.h"

#include <jansson.h>
#include <stdio.h>

/* A number, "signal 9", or "-" without a process. */
static json_t *exit_field(const struct verdict *verdict)
{
    if (verdict->exit_code >= 0)
        return json_integer(verdict->exit_code);
    return verdict->signal ? json_sprintf("signal %d", verdict->signal) : json_string("-");
}

static json_t *verdict_fields(const struct attempt *attempt, const struct verdict *verdict)
{
    bool has_reason = verdict->kind != VERDICT_DONE && verdict->reason[0];
    return json_pack("{s:s, s:o, s:s*, s:s*, s:I}", "verdict", verdict_kind_text(verdict->kind),
                     "exit", exit_field(verdict), "reason", has_reason ? verdict->reason : NULL,
                     "error", verdict->error[0] ? verdict->error : NULL, "ms",
                     (json_int_t)((clock_now() - attempt->started_at) / DURATION_MS));
}

json_t *attempt_fields(const struct log *log, enum log_level level, const struct attempt *attempt,
                       const struct verdict *verdict)
{
    if (!log_takes_fields(log, level))
        return NULL;
    json_t *fields =
        json_pack("{s:I, s:s, s:s, s:s*, s:I}", "seq", (json_int_t)attempt->seq, "subject",
                  attempt->subject, "durable", attempt->consumer, "job_id",
                  letter_job_id(attempt->job), "delivery", (json_int_t)attempt->number);
    if (verdict) {
        json_t *more = verdict_fields(attempt, verdict);
        json_object_update_missing(fields, more);
        json_decref(more);
    }
    return fields;
}
