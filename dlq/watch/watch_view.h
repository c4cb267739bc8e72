/* watch_view: lays out what is known of a queue as the lines of a terminal. Pure. */
#ifndef NATSQ_WATCH_VIEW_H
#define NATSQ_WATCH_VIEW_H

#include "watch/view_lines.h"
#include "watch/watch.h"

/* What is shown besides. */
struct watch_view {
    const char *origin, *stream;
    int64_t silence; /* for how long the server has not answered, ns; 0: it answers */
    bool utf8;       /* the terminal shows more than ASCII */
};

/* Fills in lines, for the columns and lines that are set. Where they are few, the errors and the
 * empty lines are left out first, and the columns of least use. */
void watch_view_lay_out(const struct watch_view *view, const struct watch *watch,
                        struct view_lines *lines);

#endif
