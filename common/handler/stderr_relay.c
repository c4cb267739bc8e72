#include "handler/stderr_relay.h"

#include "base/text.h"

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

void lines_begin(struct lines *lines, uint64_t seq)
{
    lines->seq = seq;
    lines->used = 0;
    lines->last[0] = '\0';
}

/* With one write(2), so that lines of several handlers do not mix; lost when stderr is gone. */
static void write_line(const struct lines *lines)
{
    char line[LINES_MAX + 40];
    int length = snprintf(line, sizeof line, "[%" PRIu64 "] %.*s\n", lines->seq, (int)lines->used,
                          lines->text);
    ssize_t written;
    do
        written = write(STDERR_FILENO, line, (size_t)length);
    while (written < 0 && errno == EINTR);
}

static void write_object(const struct lines *lines)
{
    char message[LINES_MAX + 1];
    text_header_safe(lines->text, lines->used, message, sizeof message);
    log_fields(lines->log, message, json_pack("{s:I}", "seq", (json_int_t)lines->seq));
}

static void pass_on(struct lines *lines)
{
    if (lines->log->format == LOG_FORMAT_JSON)
        write_object(lines);
    else
        write_line(lines);
    if (lines->used > 0)
        text_header_safe(lines->text, lines->used, lines->last, sizeof lines->last);
    lines->used = 0;
}

void lines_feed(struct lines *lines, const char *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        if (bytes[i] == '\n') {
            pass_on(lines);
            continue;
        }
        lines->text[lines->used++] = bytes[i] ? bytes[i] : ' '; /* "%.*s" ends at a NUL */
        if (lines->used == LINES_MAX)
            pass_on(lines);
    }
}

void lines_read(struct lines *lines, int *pipe)
{
    char bytes[16384];
    ssize_t n = read(*pipe, bytes, sizeof bytes);
    if (n > 0) {
        lines_feed(lines, bytes, (size_t)n);
    } else if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
        close(*pipe);
        *pipe = -1;
    }
}

void lines_read_rest(struct lines *lines, int *pipe)
{
    enum { PIPE_READS = 64 }; /* 1 MiB, the largest pipe of an ordinary user */
    struct pollfd readable = {.fd = *pipe, .events = POLLIN};
    for (int i = 0; i < PIPE_READS && *pipe >= 0 && poll(&readable, 1, 0) > 0; i++)
        lines_read(lines, pipe);
    if (*pipe >= 0)
        close(*pipe);
    *pipe = -1;
}

void lines_end(struct lines *lines)
{
    if (lines->used > 0)
        pass_on(lines);
}
