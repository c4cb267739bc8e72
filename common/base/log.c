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

static void write_text(const struct log *log, const struct log_event *event, const char *time,
                       const char *message)
{
    char line[MESSAGE_MAX + 80];
    int length = snprintf(line, sizeof line, "%s%s %s%s\n", log->clears ? "\x1b[K" : "", time,
                          event->is_plain ? "" : level_marks[event->level], message);
    /* A line that cannot be written is lost: there is no other place to report it. */
    (void)write_all(STDERR_FILENO, line, (size_t)length);
}

static void write_json(const struct log *log, const struct log_event *event, const char *time,
                       const char *message)
{
    json_t *object =
        json_pack("{s:s, s:s, s:s, s:s+}", "time", time, "level", level_names[event->level],
                  "program", log->program, "message", message, "");
    if (event->fields)
        json_object_update_missing(object, event->fields);
    _cleanup_(cleanup_free) char *line = json_dumps(object, JSON_COMPACT);
    json_decref(object);
    size_t length = line ? strlen(line) : 0;
    if (length == 0)
        return;
    line[length] = '\n'; /* replaces the NUL */
    (void)write_all(STDERR_FILENO, line, length + 1);
}

__attribute__((format(printf, 3, 0))) static void write_event(const struct log *log,
                                                              const struct log_event *event,
                                                              const char *format, va_list arguments)
{
    char message[MESSAGE_MAX], time[TIMESTAMP_TEXT_MAX];
    if (event->level < log->level)
        return;
    vsnprintf(message, sizeof message, format, arguments);
    timestamp_format(timestamp_now(), 3, time);
    if (log->format == LOG_FORMAT_JSON)
        write_json(log, event, time, message);
    else
        write_text(log, event, time, message);
}

void log_write(const struct log *log, enum log_level level, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    write_event(log, &(struct log_event){.level = level}, format, arguments);
    va_end(arguments);
}

void log_event(const struct log *log, struct log_event event, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    write_event(log, &event, format, arguments);
    va_end(arguments);
    json_decref(event.fields);
}

bool log_takes_fields(const struct log *log, enum log_level level)
{
    return log->format == LOG_FORMAT_JSON && level >= log->level;
}

void log_field_text(json_t *fields, const char *name, const char *text)
{
    if (text && *text) /* a value of NULL, for what is not UTF-8, is not added */
        (void)json_object_set_new(fields, name, json_string(text));
}
