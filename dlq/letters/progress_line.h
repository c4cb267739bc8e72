/* progress_line: how far a verb is, as a line for the terminal: "4500 retried [====>     ] 45%,
 * 1m20s to go". Pure. */
#ifndef NATSQ_PROGRESS_LINE_H
#define NATSQ_PROGRESS_LINE_H

#include <stddef.h>
#include <stdint.h>

enum { PROGRESS_LINE_MAX = 512 };

struct progress_share {
    uint64_t done, of; /* `of` 0: not known, so that there is neither bar nor time */
    int64_t elapsed;   /* ns */
};

/* Fits into `columns`: without the bar where there is no room for it. Returns `text`. */
const char *progress_line(const char *what, const struct progress_share *share, size_t columns,
                          char text[PROGRESS_LINE_MAX]);

#endif
