#include "sweep.h"

#include <inttypes.h>

/* A pass that cannot prove a job dead says so, since nobody else will. */
void sweep_say_doubts(const struct dlq *dlq, const struct sweep_counts *counts)
{
    const char *origin = dlq->options->origin;
    if (counts->dead > 0 && !dlq->has_dead)
        log_warn(dlq->log,
                 "%" PRIu64 " dead jobs are left in %s: nobody heard of their death or their "
                 "retries are used up, and stream %s takes no letters",
                 counts->dead, origin, dlq->options->stream);
    if (counts->unproven > 0)
        log_warn(dlq->log,
                 "%" PRIu64 " jobs may be dead and cannot be proven so while others are in work: "
                 "left alone; a sweep when the consumers of %s are idle or paused (nats consumer "
                 "pause) proves it",
                 counts->unproven, origin);
    if (counts->skipped > 0)
        log_warn(dlq->log,
                 "%" PRIu64 " jobs will not be delivered again, since their consumer's filter or "
                 "limit was changed: left alone; deleting it and making it anew delivers them",
                 counts->skipped);
    if (counts->uncovered.jobs > 0)
        log_warn(dlq->log,
                 "%" PRIu64 " jobs match no consumer's filter, e.g. on subject %s: left alone; "
                 "start a consumer for them",
                 counts->uncovered.jobs, counts->uncovered.example);
}

const char *sweep_outcome_text(enum sweep_outcome outcome)
{
    switch (outcome) {
    case SWEEP_WOULD:
        return "would be swept";
    case SWEEP_DONE:
        return "swept";
    case SWEEP_KEPT:
        return "swept, its body stays in the origin";
    case SWEEP_LATER:
        return "swept, not removed yet";
    case SWEEP_REFUSED:
        return "refused";
    }
    return "unknown";
}
