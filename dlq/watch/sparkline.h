/* sparkline: the latest values of a series as a line of small bars, `▁▂▅█`. Pure. */
#ifndef NATSQ_SPARKLINE_H
#define NATSQ_SPARKLINE_H

#include <stdbool.h>
#include <stddef.h>

enum { SPARKLINE_VALUES = 256, SPARKLINE_TEXT_MAX = 3 * SPARKLINE_VALUES + 1 };

struct sparkline {
    double values[SPARKLINE_VALUES]; /* the latest is the last; below 0: not known */
    size_t n;
};

/* Adds a value; the oldest one is dropped. */
void sparkline_add(struct sparkline *line, double value);

/* The highest of the latest `n` values; 0 when there is none. */
double sparkline_peak(const struct sparkline *line, size_t n);

/* The latest `n` values, or all, a column each; the highest of them is the highest bar. A value
 * that is not known is a blank, and one above 0 is never the lowest bar. Returns `text`. */
const char *sparkline_text(const struct sparkline *line, size_t n, bool utf8,
                           char text[SPARKLINE_TEXT_MAX]);

#endif
