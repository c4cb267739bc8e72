#include "letter/letter_fields.h"

#include <jansson.h>

json_t *letter_fields(const struct log *log, enum log_level level, const struct letter *letter)
{
    if (!log_takes_fields(log, level))
        return NULL;
    json_t *fields =
        json_pack("{s:I, s:I, s:I}", "seq", (json_int_t)letter->seq, "delivery",
                  (json_int_t)letter->deliveries, "retries", (json_int_t)letter->retries);
    log_field_text(fields, "subject", letter->subject);
    log_field_text(fields, "durable", letter->consumer);
    log_field_text(fields, "job_id", letter->job_id);
    log_field_text(fields, "reason", letter->reason);
    log_field_text(fields, "error", letter->error);
    return fields;
}
