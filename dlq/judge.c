#include "judge.h"

enum judgement judge_advisory(const struct advisory *advisory, enum judge_consumer consumer,
                              int64_t created, const struct stored *job)
{
    if (job->result == STORED_GONE)
        return JUDGE_GONE;
    if (job->result == STORED_UNKNOWN || consumer == CONSUMER_UNKNOWN)
        return JUDGE_UNKNOWN;
    if (job->job.delivery.stored_at > advisory->time)
        return JUDGE_NEWER;
    if (consumer == CONSUMER_GONE)
        return JUDGE_NO_CONSUMER;
    return created > advisory->time ? JUDGE_REMADE : JUDGE_DEAD;
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
        return "is alive again: its consumer was made anew";
    case JUDGE_NO_CONSUMER:
        return "is alive again: its consumer is gone";
    case JUDGE_UNKNOWN:
        return "cannot be looked up now";
    }
    return "is in an unknown state";
}
