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

static void add_verdict(json_t *fields, const struct attempt *attempt,
                        const struct verdict *verdict)
{
    int64_t ms = (clock_now() - attempt->started_at) / DURATION_MS;
    log_field_text(fields, "verdict", verdict_kind_text(verdict->kind));
    json_object_set_new(fields, "exit", exit_field(verdict));
    log_field_text(fields, "reason", verdict->kind == VERDICT_DONE ? "" : verdict->reason);
    log_field_text(fields, "error", verdict->error);
    json_object_set_new(fields, "ms", json_integer((json_int_t)ms));
}

json_t *attempt_fields(const struct log *log, enum log_level level, const struct attempt *attempt,
                       const struct verdict *verdict)
{
    if (!log_takes_fields(log, level))
        return NULL;
    json_t *fields = json_pack("{s:I, s:I}", "seq", (json_int_t)attempt->seq, "delivery",
                               (json_int_t)attempt->number);
    log_field_text(fields, "subject", attempt->subject);
    log_field_text(fields, "durable", attempt->consumer);
    log_field_text(fields, "job_id", letter_job_id(attempt->job));
    if (verdict)
        add_verdict(fields, attempt, verdict);
    return fields;
}
