/* log: talk, on stderr. One line an event, written with one write(2), so that lines of several
 * threads and processes do not mix. Any thread may log. */
#ifndef NATSQ_LOG_H
#define NATSQ_LOG_H

#include "base/error.h"

#include <stdbool.h>

enum log_level { LOG_LEVEL_DEBUG, LOG_LEVEL_INFO, LOG_LEVEL_WARN, LOG_LEVEL_ERROR };
enum log_format { LOG_FORMAT_TEXT, LOG_FORMAT_JSON };

/* `text`: `2026-11-24T23:10:56.123Z message`; a warning or an error says so before the message.
 * `json`: {"time", "level", "program", "message"}. A longer line is cut at 4,000 bytes. */
struct log {
    enum log_format format;
    enum log_level least; /* what is below is not written */
    const char *program;
    bool clears; /* a progress bar may stand in the terminal's line */
};

void log_debug(const struct log *log, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void log_info(const struct log *log, const char *format, ...) __attribute__((format(printf, 2, 3)));
void log_warn(const struct log *log, const char *format, ...) __attribute__((format(printf, 2, 3)));

struct json_t;

/* An event with fields of its own, which it takes over; only for the format `json`. */
void log_fields(const struct log *log, const char *message, struct json_t *fields);

/* The error that ends a program or a part of it; only main and the end of a thread call this. */
void log_error(const struct log *log, const struct error *error);

#endif
