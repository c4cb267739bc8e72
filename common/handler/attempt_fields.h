/* attempt_fields: what a log line about an attempt says as JSON. */
#ifndef NATSQ_ATTEMPT_FIELDS_H
#define NATSQ_ATTEMPT_FIELDS_H

#include "base/log.h"
#include "handler/attempt.h"
#include "handler/verdict.h"

/* seq, subject, durable, job_id, delivery; with a verdict also verdict, exit, reason, error, and in
 * `ms` how long the attempt took. NULL where the log would not write them. */
struct json_t *attempt_fields(const struct log *log, enum log_level level,
                              const struct attempt *attempt, const struct verdict *verdict);

/* Logs a message about an attempt, with its fields; `verdict` may be NULL. */
#define log_attempt(log, severity, attempt, verdict, ...)                                          \
    log_event(log,                                                                                 \
              (struct log_event){.level = (severity),                                              \
                                 .fields = attempt_fields(log, severity, attempt, verdict)},       \
              __VA_ARGS__)

#endif
