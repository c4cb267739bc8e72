#include "letters/progress_line.h"

#include "base/duration.h"
#include "base/text_width.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { BAR_MOST = 30, BAR_LEAST = 8 };

static size_t least_of(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* " 45%, 1m20s to go" */
static void write_rest(const struct progress_share *share, uint64_t done, char *rest, size_t size)
{
    char left[DURATION_TEXT_MAX];
    double part = (double)done / (double)share->of;
    int used = snprintf(rest, size, " %d%%", (int)(part * 100));
    /* The first of many say nothing about the pace. */
    int64_t ns = part >= 0.01 ? (int64_t)((double)share->elapsed * (1 - part) / part) : 0;
    if (ns >= DURATION_S && done < share->of)
        snprintf(rest + used, size - (size_t)used, ", %s to go", duration_age_text(ns, left));
}

/* " [===>   ]", of `width` columns between the brackets. */
static void write_bar(uint64_t done, uint64_t of, size_t width, char *bar)
{
    size_t filled = (size_t)((double)done / (double)of * (double)width);
    bar += sprintf(bar, " [");
    for (size_t i = 0; i < width; i++)
        *bar++ = i < filled ? '=' : i == filled ? '>' : ' ';
    strcpy(bar, "]");
}

const char *progress_line(const char *what, const struct progress_share *share, size_t columns,
                          char text[PROGRESS_LINE_MAX])
{
    char rest[80] = "", bar[BAR_MOST + 8] = "";
    uint64_t done = share->done < share->of ? share->done : share->of;
    if (share->of > 0)
        write_rest(share, done, rest, sizeof rest);
    size_t around = strlen(" []"), used = text_width(what) + strlen(rest);
    if (share->of > 0 && used + around + BAR_LEAST <= columns)
        write_bar(done, share->of, least_of(BAR_MOST, columns - used - around), bar);
    if (used > columns)
        rest[0] = '\0';
    size_t length = least_of(text_fit(what, columns), PROGRESS_LINE_MAX - sizeof rest - sizeof bar);
    snprintf(text, PROGRESS_LINE_MAX, "%.*s%s%s", (int)length, what, bar, rest);
    return text;
}
