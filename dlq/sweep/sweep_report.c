#include "dlq.h"
#include "sweep/sweep.h"

#include <inttypes.h>

static const char *be(uint64_t n)
{
    return n == 1 ? " is" : "s are";
}

/* A pass that cannot prove a job dead says so, since nobody else will. */
void sweep_warn_left_alone(const struct dlq *dlq, const struct sweep_counts *counts)
{
    const char *origin = dlq->options->origin;
    if (counts->dead > 0 && !dlq->has_dead)
        log_warn(dlq->log,
                 "%" PRIu64 " dead job%s left in %s: nobody heard of their death or their "
                 "retries are used up, and stream %s takes no letters",
                 counts->dead, be(counts->dead), origin, dlq->options->stream);
    if (counts->unproven > 0)
        log_warn(dlq->log,
                 "%" PRIu64
                 " job%s may be dead, which cannot be proven while others are in flight: "
                 "left alone; a sweep when the consumers of %s are idle or paused (nats consumer "
                 "pause) proves it",
                 counts->unproven, counts->unproven == 1 ? "" : "s", origin);
    if (counts->skipped > 0)
        log_warn(dlq->log,
                 "%" PRIu64 " job%s will not be delivered again, since the consumer's filter or "
                 "limit was changed: left alone; recreating the consumer delivers %s",
                 counts->skipped, counts->skipped == 1 ? "" : "s",
                 counts->skipped == 1 ? "it" : "them");
    if (counts->unmatched.count > 0)
        log_warn(dlq->log,
                 "%" PRIu64 " job%s no consumer's filter, e.g. on subject %s: left alone; "
                 "start a consumer for %s",
                 counts->unmatched.count, counts->unmatched.count == 1 ? " matches" : "s match",
                 counts->unmatched.example, counts->unmatched.count == 1 ? "it" : "them");
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
