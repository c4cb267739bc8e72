#include "publish/progress.h"

#include "base/buffer.h"
#include "base/clock.h"
#include "base/duration.h"
#include "base/log.h"
#include "source/source.h"

#include <inttypes.h>
#include <unistd.h>

static const int64_t bar_interval = 200 * DURATION_MS;
static const int64_t line_interval = 10 * DURATION_S;

static uint64_t settled(const struct report *report)
{
    return report->confirmed + report->failed;
}

void progress_begin(struct progress *progress, enum progress_mode mode, const struct report *report)
{
    bool can_draw = isatty(STDERR_FILENO) && report->log->format == LOG_FORMAT_TEXT;
    bool wanted =
        mode == PROGRESS_ALWAYS || (mode == PROGRESS_AUTO && !report->source->confirm_each);
    *progress = (struct progress){.report = report, .is_bar = can_draw, .last_shown = clock_now()};
    progress->due =
        wanted ? progress->last_shown + (can_draw ? bar_interval : line_interval) : INT64_MAX;
}

/* How much of the source is done, from 0 to 1; -1: its size is not known. */
static double part_done(const struct source *source)
{
    return source->total > 0 && source->done <= source->total
               ? (double)source->done / (double)source->total
               : -1;
}

/* Estimated from how long the part that is done took. */
static int64_t time_left(double part, int64_t elapsed)
{
    double ns = (double)elapsed * (1 - part) / part;
    return ns < 9e17 ? (int64_t)(ns / DURATION_S + 0.5) * DURATION_S : INT64_MAX;
}

/* "1234 confirmed, 56 failed, 78 in flight, 901 jobs/s, 12 %, 34s left", without what is 0 or not
 * known. */
static void add_state(struct buffer *text, const struct progress *progress, size_t in_flight,
                      int64_t now)
{
    const struct report *report = progress->report;
    uint64_t failed = report->failed + report->bad_input;
    double part = part_done(report->source),
           rate = (double)(settled(report) - progress->last_settled) * (double)DURATION_S /
                  (double)(now - progress->last_shown);
    buffer_printf(text, "%" PRIu64 " confirmed", report->confirmed);
    if (failed > 0)
        buffer_printf(text, ", %" PRIu64 " failed", failed);
    buffer_printf(text, ", %zu in flight, %.*f jobs/s", in_flight, rate < 10 ? 1 : 0, rate);
    if (part >= 0)
        buffer_printf(text, ", %.0f %%", 100 * part);
    char duration[DURATION_TEXT_MAX];
    if (part > 0 && part < 1)
        buffer_printf(text, ", %s left",
                      duration_format(time_left(part, now - report->begin), duration));
}

/* "[#####     ] " if the size is known, and the state. Leaves the cursor at the start of the bar,
 * so that the next line of the log overwrites it. */
static void draw(struct progress *progress, const struct buffer *state)
{
    static const char full[] = "####################";
    const int cells = sizeof full - 1;
    double part = part_done(progress->report->source);
    bool is_known = part >= 0;
    int n = is_known ? (int)(part * cells) : 0;
    dprintf(STDERR_FILENO, "\x1b[?7l%s%.*s%*s%s%.*s\x1b[K\x1b[?7h\r", is_known ? "[" : "", n, full,
            is_known ? cells - n : 0, "", is_known ? "] " : "", (int)state->length, state->bytes);
    progress->is_drawn = true;
}

void progress_show(struct progress *progress, size_t in_flight)
{
    if (clock_coarse() < progress->due)
        return;
    int64_t now = clock_now();
    _cleanup_(buffer_release) struct buffer state = {0};
    add_state(&state, progress, in_flight, now);
    if (progress->is_bar)
        draw(progress, &state);
    else
        log_info(progress->report->log, "%.*s", (int)state.length, state.bytes);
    progress->last_settled = settled(progress->report);
    progress->last_shown = now;
    progress->due = now + (progress->is_bar ? bar_interval : line_interval);
}

void progress_end(struct progress *progress)
{
    if (progress->is_drawn)
        dprintf(STDERR_FILENO, "\x1b[K");
    progress->due = INT64_MAX;
}
