#include "letters/advisory_check.h"

enum advisory_status advisory_check(const struct advisory *advisory,
                                    const struct consumer_sight *consumer,
                                    const struct stored_message *job)
{
    if (job->result == STORED_GONE)
        return ADVISORY_JOB_GONE;
    enum liveness liveness = liveness_of(consumer, advisory->seq);
    if (job->result == STORED_UNKNOWN || liveness == LIVENESS_UNKNOWN)
        return ADVISORY_UNDECIDED;
    if (job->job.delivery.stored_at > advisory->time)
        return ADVISORY_OTHER_JOB;
    if (liveness == LIVENESS_NO_CONSUMER)
        return ADVISORY_CONSUMER_GONE;
    if (consumer->created > advisory->time)
        return ADVISORY_CONSUMER_RECREATED;
    return liveness == LIVENESS_NOT_DELIVERED ? ADVISORY_CONSUMER_RESET : ADVISORY_JOB_DEAD;
}

const char *advisory_status_text(enum advisory_status status)
{
    static const char *const texts[] = {
        [ADVISORY_JOB_DEAD] = "is dead",
        [ADVISORY_JOB_GONE] = "is gone from the origin",
        [ADVISORY_OTHER_JOB] = "is newer than the advisory: the origin was recreated",
        [ADVISORY_CONSUMER_RECREATED] = "is alive again: its consumer was recreated",
        [ADVISORY_CONSUMER_RESET] = "is alive again: its consumer was reset",
        [ADVISORY_CONSUMER_GONE] = "is alive again: its consumer is gone",
        [ADVISORY_UNDECIDED] = "cannot be looked up now",
    };
    return (size_t)status < sizeof texts / sizeof texts[0] ? texts[status]
                                                           : "is in an unknown state";
}
