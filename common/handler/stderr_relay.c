#include "handler/stderr_relay.h"

#include "base/buffer.h"
#include "base/cleanup.h"
#include "base/text.h"
#include "base/write_all.h"
#include "handler/output_pipe.h"

#include <inttypes.h>
#include <jansson.h>
#include <string.h>
#include <unistd.h>

void stderr_relay_begin(struct stderr_relay *relay, uint64_t seq)
{
    relay->seq = seq;
    relay->used = 0;
    relay->last_line[0] = '\0';
}

/* A line that cannot be written is lost. */
static void write_line(const struct stderr_relay *relay)
{
    _cleanup_(buffer_release) struct buffer line = {0};
    buffer_printf(&line, "[%" PRIu64 "] ", relay->seq);
    if (isatty(STDERR_FILENO))
        text_add_visible(&line, relay->text, relay->used);
    else
        buffer_add(&line, relay->text, relay->used);
    buffer_add_text(&line, "\n");
    (void)write_all(STDERR_FILENO, line.bytes, line.length);
}

static void write_object(const struct stderr_relay *relay)
{
    char message[STDERR_RELAY_MAX + 1];
    text_header_safe(relay->text, relay->used, message, sizeof message);
    log_event(relay->log,
              (struct log_event){.level = LOG_LEVEL_INFO,
                                 .fields = json_pack("{s:I}", "seq", (json_int_t)relay->seq)},
              "%s", message);
}

static void pass_on(struct stderr_relay *relay)
{
    if (relay->log->format == LOG_FORMAT_JSON)
        write_object(relay);
    else
        write_line(relay);
    if (relay->used > 0)
        text_header_safe(relay->text, relay->used, relay->last_line, sizeof relay->last_line);
    relay->used = 0;
}

static void feed(struct stderr_relay *relay, const char *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        if (bytes[i] == '\n') {
            pass_on(relay);
            continue;
        }
        relay->text[relay->used++] =
            bytes[i] ? bytes[i] : ' '; /* at which readers of text would end */
        if (relay->used == STDERR_RELAY_MAX)
            pass_on(relay);
    }
}

void stderr_relay_read(struct stderr_relay *relay)
{
    char bytes[OUTPUT_PIPE_CHUNK];
    feed(relay, bytes, output_pipe_read(&relay->pipe, bytes));
}

void stderr_relay_flush(struct stderr_relay *relay)
{
    if (relay->used > 0)
        pass_on(relay);
}

void stderr_relay_close(struct stderr_relay *relay)
{
    for (int i = 0; i < OUTPUT_PIPE_READS && output_pipe_is_readable(relay->pipe); i++)
        stderr_relay_read(relay);
    output_pipe_close(&relay->pipe);
    stderr_relay_flush(relay);
}
