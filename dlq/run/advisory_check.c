#include "run/advisory_check.h"

enum judgement judge_advisory(const struct advisory *advisory,
                              const struct consumer_sight *consumer,
                              const struct stored_message *job)
{
    if (job->result == STORED_GONE)
        return JUDGE_GONE;
    enum liveness liveness = liveness_of(consumer, advisory->seq);
    if (job->result == STORED_UNKNOWN || liveness == LIVENESS_UNKNOWN)
        return JUDGE_UNKNOWN;
    if (job->job.delivery.stored_at > advisory->time)
        return JUDGE_NEWER;
    if (liveness == LIVENESS_NO_CONSUMER)
        return JUDGE_NO_CONSUMER;
    if (consumer->created > advisory->time)
        return JUDGE_REMADE;
    return liveness == LIVENESS_NOT_DELIVERED ? JUDGE_RESET : JUDGE_DEAD;
}

const char *judgement_text(enum judgement judgement)
{
    switch (judgement) {
    case JUDGE_DEAD:
        return "is dead";
    case JUDGE_GONE:
        return "is gone from the origin";
    case JUDGE_NEWER:
        return "is newer than the advisory: the origin was made anew";
    case JUDGE_REMADE:
        return "is alive again: its consumer was recreated";
    case JUDGE_RESET:
        return "is alive again: its consumer was reset";
    case JUDGE_NO_CONSUMER:
        return "is alive again: its consumer is gone";
    case JUDGE_UNKNOWN:
        return "cannot be looked up now";
    }
    return "is in an unknown state";
}
