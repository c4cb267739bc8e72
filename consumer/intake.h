/* intake: whether the slots of a worker may take jobs. While the breaker is closed all may; while
 * it is open, one slot at a time takes one job as a probe. Any thread. */
#ifndef NATSQ_INTAKE_H
#define NATSQ_INTAKE_H

#include "base/log.h"
#include "breaker.h"
#include "handler/verdict.h"
#include "queue/puller.h"

#include <pthread.h>

struct intake {
    pthread_mutex_t lock;
    struct breaker breaker;
    struct puller *puller; /* borrowed */
    const struct log *log;
};

void intake_init(struct intake *intake, const struct breaker_rule *rule, const struct log *log);
void intake_release(struct intake *intake);

/* For a slot that found the puller paused: waits for up to `ns`. True: the slot is to take one job
 * as a probe (puller_probe), and reports it with intake_count. */
bool intake_wait(struct intake *intake, int64_t ns);

/* An attempt has ended. Logs when the breaker opens or closes, and pauses or resumes the puller. */
void intake_count(struct intake *intake, const struct verdict *verdict, bool is_probe);

#endif
