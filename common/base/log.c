#include "base/log.h"

#include "base/cleanup.h"
#include "base/timestamp.h"
#include "base/write_all.h"

#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { LINE_MAX_BYTES = 4000 };

static const char *const level_names[] = {"debug", "info", "warn", "error"};
static const char *const level_marks[] = {"", "", "WARNING: ", "ERROR: "};

/* A line that cannot be written is lost: there is no other place to report it. */
static void write_line(const char *line, size_t length)
{
    (void)write_all(STDERR_FILENO, line, length);
}

static void write_text(const struct log *log, enum log_level level, const char *time,
                       const char *message)
{
    char line[LINE_MAX_BYTES + 80];
    int length = snprintf(line, sizeof line, "%s%s %s%s\n", log->clears ? "\x1b[K" : "", time,
                          level_marks[level], message);
    write_line(line, (size_t)length);
}

/* `fields` may be NULL. */
static void write_json(const struct log *log, enum log_level level, const char *time,
                       const char *message, json_t *fields)
{
    json_t *object = json_pack("{s:s, s:s, s:s, s:s+}", "time", time, "level", level_names[level],
                               "program", log->program, "message", message, "");
    if (fields)
        json_object_update_missing(object, fields);
    _cleanup_(cleanup_free) char *line = json_dumps(object, JSON_COMPACT);
    json_decref(object);
    size_t length = line ? strlen(line) : 0;
    if (length == 0)
        return;
    line[length] = '\n'; /* in the place of the NUL: the length goes with it */
    write_line(line, length + 1);
}

__attribute__((format(printf, 3, 0))) static void put(const struct log *log, enum log_level level,
                                                      const char *format, va_list words)
{
    if (level < log->level)
        return;
    char message[LINE_MAX_BYTES], time[TIMESTAMP_TEXT_MAX];
    vsnprintf(message, sizeof message, format, words);
    timestamp_format(timestamp_now(), 3, time);
    if (log->format == LOG_FORMAT_JSON)
        write_json(log, level, time, message, NULL);
    else
        write_text(log, level, time, message);
}

void log_debug(const struct log *log, const char *format, ...)
{
    va_list words;
    va_start(words, format);
    put(log, LOG_LEVEL_DEBUG, format, words);
    va_end(words);
}

void log_info(const struct log *log, const char *format, ...)
{
    va_list words;
    va_start(words, format);
    put(log, LOG_LEVEL_INFO, format, words);
    va_end(words);
}

void log_warn(const struct log *log, const char *format, ...)
{
    va_list words;
    va_start(words, format);
    put(log, LOG_LEVEL_WARN, format, words);
    va_end(words);
}

void log_fields(const struct log *log, const char *message, json_t *fields)
{
    char time[TIMESTAMP_TEXT_MAX];
    if (log->level <= LOG_LEVEL_INFO)
        write_json(log, LOG_LEVEL_INFO, timestamp_format(timestamp_now(), 3, time), message,
                   fields);
    json_decref(fields);
}

static void put_error(const struct log *log, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void put_error(const struct log *log, const char *format, ...)
{
    va_list words;
    va_start(words, format);
    put(log, LOG_LEVEL_ERROR, format, words);
    va_end(words);
}

void log_error(const struct log *log, const struct error *error)
{
    put_error(log, "%s", error->text);
}
