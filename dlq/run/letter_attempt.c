#include "run/letter_attempt.h"

#include "handler/attempt.h"
#include "handler/handler.h"

#include <inttypes.h>
#include <stdlib.h>

struct reattempt {
    struct dlq *dlq;
    struct handler *handler;
};

int reattempt_open(struct reattempt **opened, struct dlq *dlq, struct error *error)
{
    _cleanup_(cleanup_reattempt) struct reattempt *reattempt = calloc(1, sizeof *reattempt);
    if (!reattempt)
        return error_set(error, EX_OSERR, "out of memory");
    reattempt->dlq = dlq;
    reattempt->handler = handler_open(&dlq->options->handler, &dlq->handlers, dlq->log, error);
    if (!reattempt->handler)
        return -1;
    *opened = take(reattempt);
    return 0;
}

void reattempt_close(struct reattempt *reattempt)
{
    if (!reattempt)
        return;
    handler_close(reattempt->handler);
    free(reattempt);
}

enum fate reattempt_run(struct reattempt *reattempt, const struct letter *letter,
                        const struct job *message, const struct job *body,
                        const struct durable_state *durable)
{
    const struct dlq *dlq = reattempt->dlq;
    struct attempt attempt;
    struct verdict verdict = {0};
    attempt_begin(&attempt, dlq->connection, dlq->options->stream, message, durable);
    attempt.letter = letter;
    attempt.body = body;
    attempt.most = dlq->options->max_attempts;
    reattempt->handler->run(reattempt->handler, &attempt, &verdict);
    enum fate fate = fate_of_verdict(&verdict, message->delivery.deliveries, attempt.most);
    if (verdict.kind == VERDICT_STOPPED || verdict.kind == VERDICT_UNSTARTED)
        log_info(dlq->log, "# %" PRIu64 " is returned: %s", letter->seq,
                 verdict.error[0] ? verdict.error : "cut off by the stop");
    else if (fate != FATE_DONE)
        log_info(dlq->log, "# %" PRIu64 " failed again: %s", letter->seq, verdict.reason);
    return fate;
}
