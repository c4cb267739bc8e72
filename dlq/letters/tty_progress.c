#include "letters/tty_progress.h"

#include "base/duration.h"

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

static const int64_t first_after = DURATION_S;
static const int64_t next_after = 200 * DURATION_MS;

void headway_begin(struct headway *headway)
{
    *headway = (struct headway){.begin = duration_now(), .on_terminal = isatty(STDERR_FILENO)};
}

void headway_again(struct headway *headway)
{
    if (!headway->on_terminal)
        return;
    headway_wipe(headway);
    headway->begin = duration_now();
    headway->shown = 0;
}

static bool is_due(const struct headway *headway, int64_t now)
{
    return now >= (headway->shown ? headway->shown + next_after : headway->begin + first_after);
}

void headway_show(struct headway *headway, const char *format, ...)
{
    va_list words;
    if (!headway->on_terminal)
        return;
    int64_t now = duration_now();
    if (!is_due(headway, now))
        return;
    fputs("\r\x1b[K", stderr);
    va_start(words, format);
    vfprintf(stderr, format, words);
    va_end(words);
    fflush(stderr);
    headway->shown = now;
    headway->stands = true;
}

void headway_wipe(struct headway *headway)
{
    if (headway->stands)
        fputs("\r\x1b[K", stderr);
    headway->stands = false;
}
