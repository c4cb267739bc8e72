/* progress: how far it is: a bar on a terminal, now and then a line in a log. */
#ifndef NATSQ_PROGRESS_H
#define NATSQ_PROGRESS_H

#include "publish/report.h"

#include <stddef.h>

struct progress {
    const struct report *report;
    bool bar;       /* else lines */
    bool drawn;     /* the bar is on the terminal */
    int64_t due;    /* of the next; INT64_MAX: never */
    int64_t before; /* time and jobs of the last */
    uint64_t settled;
};

/* A bar where stderr is a terminal and the log is text. AUTO: nothing where each job is logged. */
void progress_begin(struct progress *progress, enum progress_mode mode,
                    const struct report *report);

/* Shows it if it is due. */
void progress_show(struct progress *progress, size_t in_flight);

/* Takes the bar away. */
void progress_end(struct progress *progress);

/* "1234 confirmed, 56 failed, 78 in flight, 901 jobs/s, 12 %, 34s left", in `text`: what is not
 * known or 0 is left out. Pure. */
struct progress_state {
    uint64_t confirmed, failed, total, done;
    size_t in_flight;
    double rate;
    int64_t elapsed; /* ns */
};
const char *progress_text(const struct progress_state *state, char *text, size_t size);

#endif
