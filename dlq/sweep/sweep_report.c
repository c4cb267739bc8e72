#include "base/program_name.h"
#include "dlq.h"
#include "sweep/sweep.h"

#include <inttypes.h>

static const char *plural(uint64_t n)
{
    return n == 1 ? "" : "s";
}

void sweep_warn_left_alone(const struct dlq *dlq, const struct sweep_counts *counts)
{
    const char *origin = dlq->options->origin;
    uint64_t unproven = counts->left_alone.unproven, skipped = counts->left_alone.skipped;
    uint64_t unmatched = counts->unmatched.count;
    if (counts->dead > 0 && !dlq->has_dead)
        log_warn(dlq->log,
                 "%" PRIu64 " dead job%s left in %s: the death was not announced or the retries "
                 "are used up, and stream %s stores no letters",
                 counts->dead, counts->dead == 1 ? " is" : "s are", origin, dlq->options->stream);
    if (unproven > 0)
        log_warn(dlq->log,
                 "%" PRIu64 " job%s may be dead, which cannot be proven while others are in "
                 "flight; sweep again when the consumers of %s are idle or paused (%s consumer "
                 "pause)",
                 unproven, plural(unproven), origin, program_call("nats"));
    if (skipped > 0)
        log_warn(dlq->log,
                 "%" PRIu64 " job%s will not be delivered again, because the consumer's filter or "
                 "limit was changed; recreate the consumer to have %s delivered",
                 skipped, plural(skipped), skipped == 1 ? "it" : "them");
    if (unmatched > 0)
        log_warn(dlq->log,
                 "%" PRIu64 " job%s no consumer's filter, e.g. on subject %s; start a consumer "
                 "for %s",
                 unmatched, unmatched == 1 ? " matches" : "s match", counts->unmatched.example,
                 unmatched == 1 ? "it" : "them");
}

const char *sweep_outcome_text(enum sweep_outcome outcome)
{
    static const char *const texts[] = {
        [SWEEP_WOULD] = "would be swept",
        [SWEEP_DONE] = "swept",
        [SWEEP_KEPT] = "swept, its body stays in the origin",
        [SWEEP_LATER] = "swept, not removed yet",
        [SWEEP_REFUSED] = "refused",
    };
    return (size_t)outcome < sizeof texts / sizeof texts[0] ? texts[outcome] : "unknown";
}
