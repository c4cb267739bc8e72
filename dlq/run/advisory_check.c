#include "run/advisory_check.h"

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
    switch (status) {
    case ADVISORY_JOB_DEAD:
        return "is dead";
    case ADVISORY_JOB_GONE:
        return "is gone from the origin";
    case ADVISORY_OTHER_JOB:
        return "is newer than the advisory: the origin was recreated";
    case ADVISORY_CONSUMER_RECREATED:
        return "is alive again: its consumer was recreated";
    case ADVISORY_CONSUMER_RESET:
        return "is alive again: its consumer was reset";
    case ADVISORY_CONSUMER_GONE:
        return "is alive again: its consumer is gone";
    case ADVISORY_UNDECIDED:
        return "cannot be looked up now";
    }
    return "is in an unknown state";
}
