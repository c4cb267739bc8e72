#include "letter/letter_fields.h"

#include <jansson.h>

json_t *letter_fields(const struct log *log, enum log_level level, const struct letter *letter)
{
    if (!log_takes_fields(log, level))
        return NULL;
    return json_pack("{s:I, s:s*, s:s*, s:s*, s:I, s:s*, s:s*, s:I}", "seq",
                     (json_int_t)letter->seq, "subject", letter->subject, "durable",
                     letter->consumer, "job_id", letter->job_id, "delivery",
                     (json_int_t)letter->deliveries, "reason", letter->reason, "error",
                     letter->error, "retries", (json_int_t)letter->retries);
}
