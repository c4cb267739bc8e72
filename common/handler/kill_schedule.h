/* kill_schedule: when to end a handler's process, and with which signal. SIGTERM at its job's
 * timeout, or at the end of the grace after a stop; SIGKILL if it still runs `kill_after` later.
 * Pure: it reports what is due, and the caller sends the signal. */
#ifndef NATSQ_KILL_SCHEDULE_H
#define NATSQ_KILL_SCHEDULE_H

#include <stdbool.h>
#include <stdint.h>

/* Times are monotonic ns. */
struct kill_schedule {
    int64_t grace, kill_after;
    int64_t deadline;   /* INT64_MAX: none */
    int64_t grace_ends; /* INT64_MAX until a stop */
    int64_t sigkill_at; /* INT64_MAX until SIGTERM was due */
    bool timed_out, stopped, killed;
};

enum kill_step { KILL_NOT_YET, KILL_SIGTERM, KILL_SIGKILL };

/* `timeout` counts from `began`; 0: none. */
void kill_schedule_begin(struct kill_schedule *schedule, int64_t began, int64_t timeout,
                         int64_t grace, int64_t kill_after);

/* Restarts with the same grace and `kill_after`; a grace period that has begun continues. */
void kill_schedule_restart(struct kill_schedule *schedule, int64_t began, int64_t timeout);

/* What is due now; each step is due once. */
enum kill_step kill_schedule_due(struct kill_schedule *schedule, int64_t now, bool stop_requested);

/* The process is expected to exit by itself: SIGKILL after `kill_after`. */
void kill_schedule_await_exit(struct kill_schedule *schedule, int64_t now);

/* Whether the process is expected to exit, and SIGKILL is or was the next step. */
bool kill_schedule_is_terminating(const struct kill_schedule *schedule);

/* When the next step is due, unless a stop is requested before. */
int64_t kill_schedule_next(const struct kill_schedule *schedule);

#endif
