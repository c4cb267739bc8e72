/* letter_fields: what a log line about a letter, or about its dead job, says as JSON. */
#ifndef NATSQ_LETTER_FIELDS_H
#define NATSQ_LETTER_FIELDS_H

#include "base/log.h"
#include "letter/letter.h"

/* seq, subject, durable, job_id, delivery, reason, error, retries, as far as the letter has them.
 * NULL where the log would not write them. */
struct json_t *letter_fields(const struct log *log, enum log_level level,
                             const struct letter *letter);

/* Logs a message about a letter, with its fields. */
#define log_letter(log, severity, letter, ...)                                                     \
    log_event(                                                                                     \
        log,                                                                                       \
        (struct log_event){.level = (severity), .fields = letter_fields(log, severity, letter)},   \
        __VA_ARGS__)

#endif
