#include "base/log.h"

#include "base/cleanup.h"
#include "base/timestamp.h"
#include "base/write_all.h"

#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { MESSAGE_MAX = 4000 };

static const char *const level_names[] = {"debug", "info", "warn", "error"};
static const char *const level_marks[] = {"", "", "WARNING: ", "ERROR: "};

static void write_text(const struct log *log, enum log_level level, const char *time,
                       const char *message)
{
    char line[MESSAGE_MAX + 80];
    int length = snprintf(line, sizeof line, "%s%s %s%s\n", log->clears ? "\x1b[K" : "", time,
                          level_marks[level], message);
    /* A line that cannot be written is lost: there is no other place to report it. */
    (void)write_all(STDERR_FILENO, line, (size_t)length);
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
    line[length] = '\n'; /* replaces the NUL */
    (void)write_all(STDERR_FILENO, line, length + 1);
}

void log_write(const struct log *log, enum log_level level, const char *format, ...)
{
    if (level < log->level)
        return;
    char message[MESSAGE_MAX], time[TIMESTAMP_TEXT_MAX];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    timestamp_format(timestamp_now(), 3, time);
    if (log->format == LOG_FORMAT_JSON)
        write_json(log, level, time, message, NULL);
    else
        write_text(log, level, time, message);
}

void log_fields(const struct log *log, const char *message, json_t *fields)
{
    char time[TIMESTAMP_TEXT_MAX];
    if (log->level <= LOG_LEVEL_INFO)
        write_json(log, LOG_LEVEL_INFO, timestamp_format(timestamp_now(), 3, time), message,
                   fields);
    json_decref(fields);
}
