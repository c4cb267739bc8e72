#include "letters/tty_progress.h"

#include "base/clock.h"
#include "base/duration.h"
#include "base/terminal.h"
#include "letters/progress_line.h"

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

static const int64_t first_after = DURATION_S;
static const int64_t next_after = 200 * DURATION_MS;

void tty_progress_begin(struct tty_progress *progress)
{
    int64_t now = clock_now();
    *progress =
        (struct tty_progress){.begin = now, .first = now, .on_terminal = isatty(STDERR_FILENO)};
}

void tty_progress_restart(struct tty_progress *progress)
{
    if (!progress->on_terminal)
        return;
    tty_progress_wipe(progress);
    progress->begin = clock_now();
    progress->shown = 0;
}

static bool is_due(const struct tty_progress *progress, int64_t now)
{
    return now >= (progress->shown ? progress->shown + next_after : progress->begin + first_after);
}

static void replace_line(struct tty_progress *progress, uint64_t done, uint64_t of, int64_t now,
                         const char *format, va_list words)
{
    char what[PROGRESS_LINE_MAX], line[PROGRESS_LINE_MAX];
    const struct progress_share share = {done, of, now - progress->first};
    vsnprintf(what, sizeof what, format, words);
    /* The cursor needs a column, too. */
    size_t columns = terminal_size(STDERR_FILENO).columns - 1;
    fprintf(stderr, "\r\x1b[K%s", progress_line(what, &share, columns ? columns : 1, line));
    fflush(stderr);
    progress->shown = now;
    progress->is_visible = true;
}

void tty_progress_show(struct tty_progress *progress, const char *format, ...)
{
    va_list words;
    int64_t now = progress->on_terminal ? clock_now() : 0;
    if (!progress->on_terminal || !is_due(progress, now))
        return;
    va_start(words, format);
    replace_line(progress, 0, 0, now, format, words);
    va_end(words);
}

void tty_progress_bar(struct tty_progress *progress, uint64_t done, uint64_t of, const char *format,
                      ...)
{
    va_list words;
    int64_t now = progress->on_terminal ? clock_now() : 0;
    if (!progress->on_terminal || !is_due(progress, now))
        return;
    va_start(words, format);
    replace_line(progress, done, of, now, format, words);
    va_end(words);
}

void tty_progress_wipe(struct tty_progress *progress)
{
    if (progress->is_visible)
        fputs("\r\x1b[K", stderr);
    progress->is_visible = false;
}
