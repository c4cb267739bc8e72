/* judge: advisory × what origin and consumer are now → whether the job is dead. Pure.
 *
 * An advisory is a hint: it may come twice, late, or about a stream or consumer that was made anew
 * since. What is read from them decides. */
#ifndef NATSQ_JUDGE_H
#define NATSQ_JUDGE_H

#include "letter/advisory.h"
#include "letter/liveness.h"
#include "queue/stored_messages.h"

enum judgement {
    JUDGE_UNKNOWN,     /* something did not answer: ask again later */
    JUDGE_DEAD,        /* collect it */
    JUDGE_GONE,        /* the origin does not hold it any more */
    JUDGE_NEWER,       /* another job has its sequence: stored after the advisory */
    JUDGE_REMADE,      /* its consumer was recreated since: the job gets its attempts again */
    JUDGE_RESET,       /* its consumer was reset and has not come to it yet: the same */
    JUDGE_NO_CONSUMER, /* its consumer is gone: the job waits for the next one */
};

enum judgement judge_advisory(const struct advisory *advisory,
                              const struct consumer_sight *consumer,
                              const struct stored_message *job);

/* "is gone from the origin", …: why the advisory is settled without a letter. Total. */
const char *judgement_text(enum judgement judgement);

#endif
