/* ladder: when a running handler is to be ended, and how hard. SIGTERM at its job's timeout, or at
 * the end of the grace after a stop; SIGKILL when it is still there `kill_after` later. Pure: it
 * says what is due, its caller does it. */
#ifndef NATSQ_LADDER_H
#define NATSQ_LADDER_H

#include <stdbool.h>
#include <stdint.h>

struct ladder {
    int64_t grace, kill_after;
    int64_t deadline;   /* monotonic ns; INT64_MAX: none */
    int64_t grace_ends; /* INT64_MAX until a stop */
    int64_t kill_at;    /* INT64_MAX until SIGTERM was due */
    bool timed_out, stopped, killed;
};

enum ladder_step { LADDER_STAY, LADDER_TERMINATE, LADDER_KILL };

/* `timeout` is counted from `began`; 0: none. */
void ladder_begin(struct ladder *ladder, int64_t began, int64_t timeout, int64_t grace,
                  int64_t kill_after);

/* The same for the next handler, with the grace and pauses of this one; a grace that has begun goes
 * on. */
void ladder_begin_again(struct ladder *ladder, int64_t began, int64_t timeout);

/* What is due now; each step is due once. */
enum ladder_step ladder_climb(struct ladder *ladder, int64_t now, bool stop_requested);

/* It is to end, or ends already, for a reason of the caller's: SIGKILL after `kill_after`. */
void ladder_end(struct ladder *ladder, int64_t now);

/* SIGTERM was due. */
bool ladder_is_ending(const struct ladder *ladder);

/* When to look again at the latest, unless a stop is requested before. */
int64_t ladder_next(const struct ladder *ladder);

#endif
