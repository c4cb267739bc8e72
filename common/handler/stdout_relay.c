#include "handler/stdout_relay.h"

#include "base/clock.h"
#include "base/duration.h"
#include "base/stop.h"
#include "base/text.h"
#include "handler/output_pipe.h"

#include <inttypes.h>
#include <string.h>

static const int64_t stop_check = 100 * DURATION_MS;

void stdout_relay_init(struct stdout_relay *relay, const struct handler_options *options,
                       struct output_queue *queue)
{
    *relay = (struct stdout_relay){.queue = queue, .options = options, .pipe = -1};
}

void stdout_relay_abandon(struct stdout_relay *relay)
{
    output_pipe_close(&relay->pipe);
    buffer_reset(&relay->line);
    buffer_reset(&relay->full);
    relay->end = 0;
}

void stdout_relay_release(struct stdout_relay *relay)
{
    output_pipe_close(&relay->pipe);
    buffer_release(&relay->line);
    buffer_release(&relay->full);
}

void stdout_relay_begin(struct stdout_relay *relay, uint64_t seq)
{
    relay->seq = seq;
    relay->end = 0;
}

static void try_queue(struct stdout_relay *relay)
{
    if (relay->full.length == 0 ||
        !output_queue_add(relay->queue, relay->full.bytes, relay->full.length))
        return;
    relay->end = output_queue_end(relay->queue);
    buffer_reset(&relay->full);
}

/* Completes the line, which may follow others that still wait for room. */
static void end_line(struct stdout_relay *relay)
{
    if (relay->options->tag)
        buffer_printf(&relay->full, "%" PRIu64 "\t", relay->seq);
    if (relay->options->escapes_output)
        text_add_visible(&relay->full, relay->line.bytes ? relay->line.bytes : "",
                         relay->line.length);
    else
        buffer_add(&relay->full, relay->line.bytes, relay->line.length);
    buffer_add_text(&relay->full, "\n");
    buffer_reset(&relay->line);
}

static void feed(struct stdout_relay *relay, const char *bytes, size_t length)
{
    while (length > 0) {
        const char *newline = memchr(bytes, '\n', length);
        size_t n = newline ? (size_t)(newline - bytes) : length;
        size_t room = STDOUT_RELAY_MAX - relay->line.length;
        bool is_whole = newline && n <= room;
        n = n < room ? n : room;
        buffer_add(&relay->line, bytes, n);
        if (is_whole || relay->line.length == STDOUT_RELAY_MAX)
            end_line(relay);
        n += is_whole;
        bytes += n;
        length -= n;
    }
    try_queue(relay);
}

bool stdout_relay_is_full(const struct stdout_relay *relay)
{
    return relay->full.length > 0;
}

int stdout_relay_readable(struct stdout_relay *relay)
{
    if (stdout_relay_is_full(relay))
        try_queue(relay);
    return stdout_relay_is_full(relay) ? -1 : relay->pipe;
}

void stdout_relay_read(struct stdout_relay *relay)
{
    char bytes[OUTPUT_PIPE_CHUNK];
    feed(relay, bytes, output_pipe_read(&relay->pipe, bytes));
}

/* Between two short waits for the queue. False: the grace of a stop is over. */
static bool may_wait(const struct stdout_relay *relay, struct attempt *attempt, int64_t *grace_ends)
{
    int64_t now = clock_now();
    if (stop_requested() && *grace_ends == INT64_MAX)
        *grace_ends = now + relay->options->grace;
    if (now >= attempt->renew_at)
        attempt_renew_lease(attempt);
    return now < *grace_ends && !output_queue_is_broken(relay->queue);
}

/* Puts complete lines into the queue. */
static bool flush(struct stdout_relay *relay, struct attempt *attempt, int64_t *grace_ends)
{
    for (try_queue(relay); stdout_relay_is_full(relay); try_queue(relay))
        if (!output_queue_wait_for_room(relay->queue, relay->full.length,
                                        clock_now() + stop_check) &&
            !may_wait(relay, attempt, grace_ends))
            return false;
    return true;
}

static bool wait_until_written(const struct stdout_relay *relay, struct attempt *attempt,
                               int64_t *grace_ends)
{
    while (!output_queue_wait_until_written(relay->queue, relay->end, clock_now() + stop_check))
        if (!may_wait(relay, attempt, grace_ends))
            return false;
    return true;
}

/* What the pipe holds. */
static bool read_rest(struct stdout_relay *relay, struct attempt *attempt, int64_t *grace_ends)
{
    for (int i = 0; i < OUTPUT_PIPE_READS && relay->pipe >= 0; i++) {
        if (!flush(relay, attempt, grace_ends))
            return false;
        if (!output_pipe_is_readable(relay->pipe))
            break;
        stdout_relay_read(relay);
    }
    if (relay->line.length > 0)
        end_line(relay);
    return flush(relay, attempt, grace_ends) && !relay->line.failed && !relay->full.failed;
}

bool stdout_relay_finish(struct stdout_relay *relay, struct attempt *attempt)
{
    int64_t grace_ends = INT64_MAX;
    if (!relay->queue)
        return true;
    bool is_written =
        read_rest(relay, attempt, &grace_ends) && wait_until_written(relay, attempt, &grace_ends);
    stdout_relay_abandon(relay);
    return is_written;
}
