/* progress: a progress bar on a terminal, or a line in a log at intervals. */
#ifndef NATSQ_PROGRESS_H
#define NATSQ_PROGRESS_H

#include "publish/report.h"
#include "publisher_options.h"

#include <stddef.h>

struct progress {
    const struct report *report;
    bool is_bar;           /* else lines of the log */
    bool is_drawn;         /* the bar is on the terminal */
    int64_t due;           /* when to show it next (clock_now); INT64_MAX: never */
    int64_t last_shown;    /* when, */
    uint64_t last_settled; /* how many jobs were settled then */
};

/* Shows a bar if stderr is a terminal and the log is text. AUTO shows nothing if each job is
 * logged. */
void progress_begin(struct progress *progress, enum progress_mode mode,
                    const struct report *report);

/* Shows it if it is due. If out of memory, the text is cut. */
void progress_show(struct progress *progress, size_t in_flight);

/* Erases the bar. */
void progress_end(struct progress *progress);

#endif
