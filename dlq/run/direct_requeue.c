#include "run/direct_requeue.h"

#include "base/duration.h"
#include "base/fault_point.h"
#include "base/stop.h"
#include "dlq.h"
#include "handler/job_name.h"
#include "letters/dead_job_batch.h"
#include "letters/requeuer.h"
#include "run/fate.h"
#include "run/letter_log.h"

#include <inttypes.h>

enum { TRIES = 5 }; /* a second apart: on R3 a removal was seen to lag by 2.7 s */

static int put_back_one(const struct dlq *dlq, struct requeuer *requeuer, struct dead_job *dead,
                        const struct job *job, bool is_new, struct error *error)
{
    struct job_name name;
    if (fate_of_letter(&dead->letter, dlq->options->retries, 1) == FATE_HOLD) {
        if (is_new)
            log_letter(dlq->log, LOG_LEVEL_WARN, &dead->letter,
                       "%s%s used up its retries and cannot be held: it stays in the origin",
                       job_name(&name, &dlq->options->handler, job, dead->letter.seq)->text,
                       name.seq);
        return 0;
    }
    if (is_new)
        letter_log_reprocessing(dlq, &dead->letter, job);
    return requeuer_send(requeuer, &dead->letter, job, false, NULL, &dead->outcome, error);
}

static int put_back_all(const struct dlq *dlq, struct requeuer *requeuer,
                        struct dead_job_batch *batch, const bool *is_new, struct error *error)
{
    int result = 0;
    for (size_t i = 0; i < batch->n; i++)
        if (batch->jobs[i].is_dead && put_back_one(dlq, requeuer, &batch->jobs[i],
                                                   &batch->originals[i].job, is_new[i], error) < 0)
            result = -1;
    requeuer_flush(requeuer);
    return result;
}

static bool lags(const struct dead_job *dead)
{
    return dead_job_is_safe(dead) && dead->retired == RETIRE_LATER;
}

static bool any_lags(const struct dead_job_batch *batch)
{
    for (size_t i = 0; i < batch->n; i++)
        if (lags(&batch->jobs[i]))
            return true;
    return false;
}

/* Does not leave it to a redelivery of the advisory: one after the dupe window would put the job
 * back a second time. */
static int retire_patiently(const struct dlq *dlq, struct dead_job_batch *batch,
                            struct error *error)
{
    int result = dead_job_batch_retire(batch, error);
    for (int i = 1; i < TRIES && !(result < 0 && error->exit_code == EX_NOPERM) &&
                    any_lags(batch) && !stop_wait(DURATION_S);
         i++)
        result = dead_job_batch_retire(batch, error);
    for (size_t i = 0; i < batch->n && !stop_requested(); i++)
        if (lags(&batch->jobs[i]))
            log_letter(dlq->log, LOG_LEVEL_WARN, &batch->jobs[i].letter,
                       "# %" PRIu64
                       " is put back and cannot be removed from the origin: it stays there",
                       batch->jobs[i].letter.seq);
    return result;
}

int direct_requeue(const struct dlq *dlq, struct requeuer *requeuer, struct dead_job_batch *batch,
                   const bool *is_new, struct error *error)
{
    int sent = put_back_all(dlq, requeuer, batch, is_new, error);
    fault_point("requeue:sent");
    return retire_patiently(dlq, batch, error) < 0 ? -1 : sent;
}
