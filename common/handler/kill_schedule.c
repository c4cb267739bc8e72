#include "handler/kill_schedule.h"

void ladder_begin(struct ladder *ladder, int64_t began, int64_t timeout, int64_t grace,
                  int64_t kill_after)
{
    *ladder = (struct ladder){.grace = grace,
                              .kill_after = kill_after,
                              .deadline = timeout > 0 ? began + timeout : INT64_MAX,
                              .grace_ends = INT64_MAX,
                              .kill_at = INT64_MAX};
}

void ladder_begin_again(struct ladder *ladder, int64_t began, int64_t timeout)
{
    int64_t grace_ends = ladder->grace_ends;
    ladder_begin(ladder, began, timeout, ladder->grace, ladder->kill_after);
    ladder->grace_ends = grace_ends;
}

bool ladder_is_ending(const struct ladder *ladder)
{
    return ladder->kill_at != INT64_MAX;
}

void ladder_end(struct ladder *ladder, int64_t now)
{
    if (!ladder_is_ending(ladder))
        ladder->kill_at = now + ladder->kill_after;
}

enum ladder_step ladder_climb(struct ladder *ladder, int64_t now, bool stop_requested)
{
    if (stop_requested && ladder->grace_ends == INT64_MAX)
        ladder->grace_ends = now + ladder->grace;
    if (!ladder_is_ending(ladder)) {
        ladder->timed_out = now >= ladder->deadline;
        ladder->stopped = !ladder->timed_out && now >= ladder->grace_ends;
        if (!ladder->timed_out && !ladder->stopped)
            return LADDER_STAY;
        ladder_end(ladder, now);
        return LADDER_TERMINATE;
    }
    if (now < ladder->kill_at || ladder->killed)
        return LADDER_STAY;
    ladder->killed = true; /* once is enough: it cannot be ignored */
    return LADDER_KILL;
}

int64_t ladder_next(const struct ladder *ladder)
{
    if (ladder->killed)
        return INT64_MAX;
    if (ladder_is_ending(ladder))
        return ladder->kill_at;
    return ladder->deadline < ladder->grace_ends ? ladder->deadline : ladder->grace_ends;
}
