/* kill_schedule: when a running handler is to be ended, and how hard. SIGTERM at its job's timeout,
 * or at the end of the grace after a stop; SIGKILL when it is still there `kill_after` later. Pure:
 * it says what is due, its caller does it. */
#ifndef NATSQ_KILL_SCHEDULE_H
#define NATSQ_KILL_SCHEDULE_H

#include <stdbool.h>
#include <stdint.h>

struct kill_schedule {
    int64_t grace, kill_after;
    int64_t deadline;   /* monotonic ns; INT64_MAX: none */
    int64_t grace_ends; /* INT64_MAX until a stop */
    int64_t sigkill_at; /* INT64_MAX until SIGTERM was due */
    bool timed_out, stopped, killed;
};

enum kill_step { KILL_NOT_YET, KILL_SIGTERM, KILL_SIGKILL };

/* `timeout` is counted from `began`; 0: none. */
void kill_schedule_begin(struct kill_schedule *schedule, int64_t began, int64_t timeout,
                         int64_t grace, int64_t kill_after);

/* The same for the next handler, with the grace and pauses of this one; a grace that has begun goes
 * on. */
void kill_schedule_restart(struct kill_schedule *schedule, int64_t began, int64_t timeout);

/* What is due now; each step is due once. */
enum kill_step kill_schedule_due(struct kill_schedule *schedule, int64_t now, bool stop_requested);

/* It is to end, or ends already, for a reason of the caller's: SIGKILL after `kill_after`. */
void kill_schedule_await_exit(struct kill_schedule *schedule, int64_t now);

/* SIGTERM was due. */
bool kill_schedule_is_terminating(const struct kill_schedule *schedule);

/* When to look again at the latest, unless a stop is requested before. */
int64_t kill_schedule_next(const struct kill_schedule *schedule);

#endif
