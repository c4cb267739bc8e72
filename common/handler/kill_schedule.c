#include "handler/kill_schedule.h"

void kill_schedule_begin(struct kill_schedule *schedule, int64_t began, int64_t timeout,
                         int64_t grace, int64_t kill_after)
{
    *schedule = (struct kill_schedule){.grace = grace,
                                       .kill_after = kill_after,
                                       .deadline = timeout > 0 ? began + timeout : INT64_MAX,
                                       .grace_ends = INT64_MAX,
                                       .sigkill_at = INT64_MAX};
}

void kill_schedule_restart(struct kill_schedule *schedule, int64_t began, int64_t timeout)
{
    int64_t grace_ends = schedule->grace_ends;
    kill_schedule_begin(schedule, began, timeout, schedule->grace, schedule->kill_after);
    schedule->grace_ends = grace_ends;
}

bool kill_schedule_is_terminating(const struct kill_schedule *schedule)
{
    return schedule->sigkill_at != INT64_MAX;
}

void kill_schedule_await_exit(struct kill_schedule *schedule, int64_t now)
{
    if (!kill_schedule_is_terminating(schedule))
        schedule->sigkill_at = now + schedule->kill_after;
}

enum kill_step kill_schedule_due(struct kill_schedule *schedule, int64_t now, bool stop_requested)
{
    if (stop_requested && schedule->grace_ends == INT64_MAX)
        schedule->grace_ends = now + schedule->grace;
    if (!kill_schedule_is_terminating(schedule)) {
        schedule->timed_out = now >= schedule->deadline;
        schedule->stopped = !schedule->timed_out && now >= schedule->grace_ends;
        if (!schedule->timed_out && !schedule->stopped)
            return KILL_NOT_YET;
        kill_schedule_await_exit(schedule, now);
        return KILL_SIGTERM;
    }
    if (now < schedule->sigkill_at || schedule->killed)
        return KILL_NOT_YET;
    schedule->killed = true; /* once: SIGKILL cannot be ignored */
    return KILL_SIGKILL;
}

int64_t kill_schedule_next(const struct kill_schedule *schedule)
{
    if (schedule->killed)
        return INT64_MAX;
    if (kill_schedule_is_terminating(schedule))
        return schedule->sigkill_at;
    return schedule->deadline < schedule->grace_ends ? schedule->deadline : schedule->grace_ends;
}
