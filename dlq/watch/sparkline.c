#include "watch/sparkline.h"

#include <string.h>

static const char *const blocks[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
static const char *const ascii[] = {"_", ".", "-", "=", "+", "*", "#", "@"};
enum { LEVELS = sizeof blocks / sizeof blocks[0] };

void sparkline_add(struct sparkline *line, double value)
{
    if (line->n == SPARKLINE_VALUES)
        memmove(line->values, line->values + 1, --line->n * sizeof line->values[0]);
    line->values[line->n++] = value;
}

static size_t first_of(const struct sparkline *line, size_t n)
{
    return n < line->n ? line->n - n : 0;
}

double sparkline_peak(const struct sparkline *line, size_t n)
{
    double peak = 0;
    for (size_t i = first_of(line, n); i < line->n; i++)
        if (line->values[i] > peak)
            peak = line->values[i];
    return peak;
}

static const char *bar(double value, double peak, bool utf8)
{
    size_t level = 0;
    if (value < 0)
        return " ";
    if (value > 0)
        level = 1 + (size_t)(value / peak * (LEVELS - 2) + 0.5);
    return (utf8 ? blocks : ascii)[level];
}

const char *sparkline_text(const struct sparkline *line, size_t n, bool utf8,
                           char text[SPARKLINE_TEXT_MAX])
{
    double peak = sparkline_peak(line, n);
    char *end = text;
    for (size_t i = first_of(line, n); i < line->n; i++)
        end = stpcpy(end, bar(line->values[i], peak, utf8));
    *end = '\0';
    return text;
}
