#include "run/direct_requeue.h"

#include "base/duration.h"
#include "base/fault_point.h"
#include "base/stop.h"
#include "base/text.h"
#include "letters/put_back.h"
#include "run/fate.h"
#include "streams/settings_watch.h"

#include <inttypes.h>
#include <stdlib.h>

enum { TRIES = 5 }; /* on R3 a removal was seen to lag by 2.7 s */

struct straight {
    struct dlq *dlq;
    struct put_back *back;
};

int straight_open(struct straight **opened, struct dlq *dlq, struct error *error)
{
    _cleanup_(cleanup_straight) struct straight *straight = calloc(1, sizeof *straight);
    if (!straight)
        return error_set(error, EX_OSERR, "out of memory");
    straight->dlq = dlq;
    if (put_back_open(&straight->back, dlq->connection, dlq->settings->origin_config, error) < 0)
        return -1;
    *opened = take(straight);
    return 0;
}

void straight_close(struct straight *straight)
{
    if (!straight)
        return;
    put_back_close(straight->back);
    free(straight);
}

static int send_one(struct straight *straight, struct dead *dead, const struct job *job, bool first,
                    struct error *error)
{
    char shown[TEXT_MAX];
    size_t length;
    const char *body = job_body(job, &length);
    text_escape(body, length, shown);
    if (fate_of(&dead->letter, straight->dlq->options->retries, 1) == FATE_HOLD) {
        if (first)
            log_warn(straight->dlq->log,
                     "%s (# %" PRIu64 ") used up its retries and cannot be held: "
                     "left in the origin",
                     shown, dead->letter.seq);
        return 0;
    }
    log_info(straight->dlq->log, "reprocessing order %s", shown);
    return put_back_send(straight->back, &dead->letter, job, false, &dead->outcome, error);
}

static int send_all(struct straight *straight, struct lettering *lettering, const bool *first,
                    struct error *error)
{
    int result = 0;
    for (size_t i = 0; i < lettering->n; i++)
        if (lettering->dead[i].is_dead &&
            send_one(straight, &lettering->dead[i], &lettering->originals[i].job, first[i], error) <
                0)
            result = -1;
    put_back_flush(straight->back);
    return result;
}

static bool lags(const struct dead *dead)
{
    return dead_is_safe(dead) && dead->retired == RETIRE_LATER;
}

static bool any_lags(const struct lettering *lettering)
{
    for (size_t i = 0; i < lettering->n; i++)
        if (lags(&lettering->dead[i]))
            return true;
    return false;
}

/* Here and now: an advisory that came again after the dupe window would put its job back twice. */
static int retire_patiently(struct straight *straight, struct lettering *lettering,
                            struct error *error)
{
    int result = lettering_retire(lettering, error);
    for (int i = 1; i < TRIES && !(result < 0 && error->exit_code == EX_NOPERM) &&
                    any_lags(lettering) && !stop_wait(DURATION_S);
         i++)
        result = lettering_retire(lettering, error);
    for (size_t i = 0; i < lettering->n && !stop_requested(); i++)
        if (lags(&lettering->dead[i]))
            log_warn(straight->dlq->log,
                     "# %" PRIu64 " is put back and cannot be removed from the origin: left there",
                     lettering->dead[i].letter.seq);
    return result;
}

int straight_put_back(struct straight *straight, struct lettering *lettering, const bool *first,
                      struct error *error)
{
    int sent = send_all(straight, lettering, first, error);
    seam("straight:sent");
    return retire_patiently(straight, lettering, error) < 0 ? -1 : sent;
}
