#include "run/direct_requeue.h"

#include "base/duration.h"
#include "base/fault_point.h"
#include "base/stop.h"
#include "base/text.h"
#include "dlq.h"
#include "letters/requeuer.h"
#include "run/fate.h"

#include <inttypes.h>

enum { TRIES = 5 }; /* a second apart: on R3 a removal was seen to lag by 2.7 s */

static int put_back_one(const struct dlq *dlq, struct put_back *back, struct dead *dead,
                        const struct job *job, bool is_new, struct error *error)
{
    char shown[TEXT_MAX];
    size_t length;
    const char *body = job_body(job, &length);
    text_escape(body, length, shown);
    if (fate_of(&dead->letter, dlq->options->retries, 1) == FATE_HOLD) {
        if (is_new)
            log_warn(dlq->log,
                     "%s (# %" PRIu64 ") used up its retries and cannot be held: "
                     "left in the origin",
                     shown, dead->letter.seq);
        return 0;
    }
    log_info(dlq->log, "reprocessing order %s", shown);
    return put_back_send(back, &dead->letter, job, false, &dead->outcome, error);
}

static int put_back_all(const struct dlq *dlq, struct put_back *back, struct letter_batch *batch,
                        const bool *is_new, struct error *error)
{
    int result = 0;
    for (size_t i = 0; i < batch->n; i++)
        if (batch->dead[i].is_dead && put_back_one(dlq, back, &batch->dead[i],
                                                   &batch->originals[i].job, is_new[i], error) < 0)
            result = -1;
    put_back_flush(back);
    return result;
}

static bool lags(const struct dead *dead)
{
    return dead_is_safe(dead) && dead->retired == RETIRE_LATER;
}

static bool any_lags(const struct letter_batch *batch)
{
    for (size_t i = 0; i < batch->n; i++)
        if (lags(&batch->dead[i]))
            return true;
    return false;
}

/* Does not leave it to a redelivery of the advisory: one after the dupe window would put the job
 * back a second time. */
static int retire_patiently(const struct dlq *dlq, struct letter_batch *batch, struct error *error)
{
    int result = letter_batch_retire(batch, error);
    for (int i = 1; i < TRIES && !(result < 0 && error->exit_code == EX_NOPERM) &&
                    any_lags(batch) && !stop_wait(DURATION_S);
         i++)
        result = letter_batch_retire(batch, error);
    for (size_t i = 0; i < batch->n && !stop_requested(); i++)
        if (lags(&batch->dead[i]))
            log_warn(dlq->log,
                     "# %" PRIu64 " is put back and cannot be removed from the origin: left there",
                     batch->dead[i].letter.seq);
    return result;
}

int direct_requeue(const struct dlq *dlq, struct put_back *back, struct letter_batch *batch,
                   const bool *is_new, struct error *error)
{
    int sent = put_back_all(dlq, back, batch, is_new, error);
    fault_point("requeue:sent");
    return retire_patiently(dlq, batch, error) < 0 ? -1 : sent;
}
