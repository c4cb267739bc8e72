#include "letters/tty_progress.h"

#include "base/clock.h"
#include "base/duration.h"

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

static const int64_t first_after = DURATION_S;
static const int64_t next_after = 200 * DURATION_MS;

void tty_progress_begin(struct tty_progress *progress)
{
    *progress = (struct tty_progress){.begin = clock_now(), .on_terminal = isatty(STDERR_FILENO)};
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

void tty_progress_show(struct tty_progress *progress, const char *format, ...)
{
    va_list words;
    if (!progress->on_terminal)
        return;
    int64_t now = clock_now();
    if (!is_due(progress, now))
        return;
    fputs("\r\x1b[K", stderr);
    va_start(words, format);
    vfprintf(stderr, format, words);
    va_end(words);
    fflush(stderr);
    progress->shown = now;
    progress->is_visible = true;
}

void tty_progress_wipe(struct tty_progress *progress)
{
    if (progress->is_visible)
        fputs("\r\x1b[K", stderr);
    progress->is_visible = false;
}
