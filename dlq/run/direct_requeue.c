#include "run/direct_requeue.h"

#include "base/duration.h"
#include "base/fault_point.h"
#include "base/stop.h"
#include "base/text.h"
#include "dlq.h"
#include "letters/put_back.h"
#include "run/fate.h"
#include "streams/settings_watch.h"

#include <inttypes.h>
#include <stdlib.h>

enum { TRIES = 5 }; /* on R3 a removal was seen to lag by 2.7 s */

struct direct_requeue {
    struct dlq *dlq;
    struct put_back *back;
};

int direct_requeue_open(struct direct_requeue **opened, struct dlq *dlq, struct error *error)
{
    _cleanup_(cleanup_direct_requeue) struct direct_requeue *requeue = calloc(1, sizeof *requeue);
    if (!requeue)
        return error_set(error, EX_OSERR, "out of memory");
    requeue->dlq = dlq;
    if (put_back_open(&requeue->back, dlq->connection, dlq->settings->origin_config, error) < 0)
        return -1;
    *opened = take(requeue);
    return 0;
}

void direct_requeue_close(struct direct_requeue *requeue)
{
    if (!requeue)
        return;
    put_back_close(requeue->back);
    free(requeue);
}

static int send_one(struct direct_requeue *requeue, struct dead *dead, const struct job *job,
                    bool first, struct error *error)
{
    char shown[TEXT_MAX];
    size_t length;
    const char *body = job_body(job, &length);
    text_escape(body, length, shown);
    if (fate_of(&dead->letter, requeue->dlq->options->retries, 1) == FATE_HOLD) {
        if (first)
            log_warn(requeue->dlq->log,
                     "%s (# %" PRIu64 ") used up its retries and cannot be held: "
                     "left in the origin",
                     shown, dead->letter.seq);
        return 0;
    }
    log_info(requeue->dlq->log, "reprocessing order %s", shown);
    return put_back_send(requeue->back, &dead->letter, job, false, &dead->outcome, error);
}

static int send_all(struct direct_requeue *requeue, struct letter_batch *letter_batch,
                    const bool *first, struct error *error)
{
    int result = 0;
    for (size_t i = 0; i < letter_batch->n; i++)
        if (letter_batch->dead[i].is_dead &&
            send_one(requeue, &letter_batch->dead[i], &letter_batch->originals[i].job, first[i],
                     error) < 0)
            result = -1;
    put_back_flush(requeue->back);
    return result;
}

static bool lags(const struct dead *dead)
{
    return dead_is_safe(dead) && dead->retired == RETIRE_LATER;
}

static bool any_lags(const struct letter_batch *letter_batch)
{
    for (size_t i = 0; i < letter_batch->n; i++)
        if (lags(&letter_batch->dead[i]))
            return true;
    return false;
}

/* Here and now: an advisory that came again after the dupe window would put its job back twice. */
static int retire_patiently(struct direct_requeue *requeue, struct letter_batch *letter_batch,
                            struct error *error)
{
    int result = letter_batch_retire(letter_batch, error);
    for (int i = 1; i < TRIES && !(result < 0 && error->exit_code == EX_NOPERM) &&
                    any_lags(letter_batch) && !stop_wait(DURATION_S);
         i++)
        result = letter_batch_retire(letter_batch, error);
    for (size_t i = 0; i < letter_batch->n && !stop_requested(); i++)
        if (lags(&letter_batch->dead[i]))
            log_warn(requeue->dlq->log,
                     "# %" PRIu64 " is put back and cannot be removed from the origin: left there",
                     letter_batch->dead[i].letter.seq);
    return result;
}

int direct_requeue_put_back(struct direct_requeue *requeue, struct letter_batch *letter_batch,
                            const bool *first, struct error *error)
{
    int sent = send_all(requeue, letter_batch, first, error);
    fault_point("requeue:sent");
    return retire_patiently(requeue, letter_batch, error) < 0 ? -1 : sent;
}
