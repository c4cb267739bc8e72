#include "publish/progress.h"

#include "base/clock.h"
#include "base/duration.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { TEXT_LONGEST = 200, BAR_CELLS = 20 };

static const int64_t bar_interval = 200 * DURATION_MS;
static const int64_t line_interval = 10 * DURATION_S;

void progress_begin(struct progress *progress, enum progress_mode mode, const struct report *report)
{
    bool can_draw = isatty(STDERR_FILENO) && report->log->format == LOG_FORMAT_TEXT;
    bool wanted =
        mode == PROGRESS_ALWAYS || (mode == PROGRESS_AUTO && !report->source->confirm_each);
    *progress = (struct progress){.report = report, .is_bar = can_draw, .last_shown = clock_now()};
    progress->due =
        wanted ? progress->last_shown + (can_draw ? bar_interval : line_interval) : INT64_MAX;
}

static size_t add(char *text, size_t size, size_t used, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

static size_t add(char *text, size_t size, size_t used, const char *format, ...)
{
    va_list words;
    va_start(words, format);
    int length = used < size ? vsnprintf(text + used, size - used, format, words) : 0;
    va_end(words);
    return used + (length > 0 ? (size_t)length : 0);
}

/* Estimated from how long the part that is done took. */
static int64_t time_left(const struct progress_state *state)
{
    double part = (double)state->done / (double)state->total;
    double ns = (double)state->elapsed * (1 - part) / part;
    return ns < 9e17 ? (int64_t)(ns / DURATION_S + 0.5) * DURATION_S : INT64_MAX;
}

const char *progress_text(const struct progress_state *state, char *text, size_t size)
{
    char duration[DURATION_TEXT_MAX];
    size_t used = add(text, size, 0, "%" PRIu64 " confirmed", state->confirmed);
    if (state->failed > 0)
        used = add(text, size, used, ", %" PRIu64 " failed", state->failed);
    used = add(text, size, used, ", %zu in flight, %.*f jobs/s", state->in_flight,
               state->rate < 10 ? 1 : 0, state->rate);
    if (state->total > 0 && state->done <= state->total)
        used = add(text, size, used, ", %.0f %%", 100 * (double)state->done / (double)state->total);
    if (state->total > state->done && state->done > 0)
        add(text, size, used, ", %s left", duration_format(time_left(state), duration));
    return text;
}

/* "[#####     ] ", or "" if the size is not known. */
static void format_bar(const struct progress_state *state, char bar[BAR_CELLS + 4])
{
    *bar = '\0';
    if (state->total == 0 || state->done > state->total)
        return;
    int full = (int)((double)state->done / (double)state->total * BAR_CELLS);
    char *at = bar;
    *at++ = '[';
    for (int i = 0; i < BAR_CELLS; i++)
        *at++ = i < full ? '#' : ' ';
    strcpy(at, "] ");
}

/* Leaves the cursor at the start of the bar, so that the next line of the log overwrites it. */
static void draw(struct progress *progress, const struct progress_state *state)
{
    char text[TEXT_LONGEST], bar[BAR_CELLS + 4];
    format_bar(state, bar);
    dprintf(STDERR_FILENO, "\x1b[?7l%s%s\x1b[K\x1b[?7h\r", bar,
            progress_text(state, text, sizeof text));
    progress->is_drawn = true;
}

void progress_show(struct progress *progress, size_t in_flight)
{
    if (clock_coarse() < progress->due)
        return;
    int64_t now = clock_now();
    const struct report *report = progress->report;
    uint64_t settled = report->confirmed + report->failed;
    const struct progress_state state = {
        .confirmed = report->confirmed,
        .failed = report->failed + report->bad_input,
        .total = report->source->total,
        .done = report->source->done,
        .in_flight = in_flight,
        .rate = (double)(settled - progress->last_settled) * (double)DURATION_S /
                (double)(now - progress->last_shown),
        .elapsed = now - report->begin,
    };
    char text[TEXT_LONGEST];
    if (progress->is_bar)
        draw(progress, &state);
    else
        log_info(report->log, "%s", progress_text(&state, text, sizeof text));
    progress->last_settled = settled;
    progress->last_shown = now;
    progress->due = now + (progress->is_bar ? bar_interval : line_interval);
}

void progress_end(struct progress *progress)
{
    if (progress->is_drawn)
        dprintf(STDERR_FILENO, "\x1b[K");
    progress->due = INT64_MAX;
}
