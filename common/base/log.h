/* log: messages on stderr, one line each, written with one write(2), so that lines of several
 * threads and processes do not mix. Any thread may log.
 *
 * Not syslog(3), which writes to a daemon, or with LOG_PERROR to stderr without time and level; no
 * log library writes both of our formats, and it would be one more library to install. */
#ifndef NATSQ_LOG_H
#define NATSQ_LOG_H

#include <stdbool.h>

struct json_t;

enum log_level { LOG_LEVEL_DEBUG, LOG_LEVEL_INFO, LOG_LEVEL_WARN, LOG_LEVEL_ERROR };
enum log_format { LOG_FORMAT_TEXT, LOG_FORMAT_JSON };

/* `text`: `2026-11-24T23:10:56.123Z message`; a warning or an error has its level before the
 * message. `json`: {"time", "level", "program", "message"}. A message is cut at 4,000 bytes. */
struct log {
    enum log_format format;
    enum log_level level; /* the lowest level that is written */
    const char *program;
    bool clears; /* clears the terminal's line first: a progress bar may be in it */
};

void log_write(const struct log *log, enum log_level level, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#define log_debug(log, ...) log_write(log, LOG_LEVEL_DEBUG, __VA_ARGS__)
#define log_info(log, ...) log_write(log, LOG_LEVEL_INFO, __VA_ARGS__)
#define log_warn(log, ...) log_write(log, LOG_LEVEL_WARN, __VA_ARGS__)

/* A message that says more than its text. */
struct log_event {
    enum log_level level;
    bool is_plain;         /* `text`: without the level, as in the lines of basic usage */
    struct json_t *fields; /* `json`: further members; released; may be NULL */
};

void log_event(const struct log *log, struct log_event event, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Adds a text to the fields, unless it is NULL, empty or not UTF-8. */
void log_field_text(struct json_t *fields, const char *name, const char *text);

/* Whether the fields of an event would be written. */
bool log_takes_fields(const struct log *log, enum log_level level);

#endif
