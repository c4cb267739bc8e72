#include "run/letter_attempt.h"

#include "dlq.h"
#include "handler/attempt.h"
#include "handler/handler.h"

#include <inttypes.h>
#include <stdlib.h>

struct letter_attempt {
    struct dlq *dlq;
    struct handler *handler;
};

int letter_attempt_open(struct letter_attempt **opened, struct dlq *dlq, struct error *error)
{
    _cleanup_(cleanup_letter_attempt) struct letter_attempt *letter_attempt =
        calloc(1, sizeof *letter_attempt);
    if (!letter_attempt)
        return error_set(error, EX_OSERR, "out of memory");
    letter_attempt->dlq = dlq;
    letter_attempt->handler = handler_open(&dlq->options->handler, &dlq->handlers, dlq->log, error);
    if (!letter_attempt->handler)
        return -1;
    *opened = take(letter_attempt);
    return 0;
}

void letter_attempt_close(struct letter_attempt *letter_attempt)
{
    if (!letter_attempt)
        return;
    handler_close(letter_attempt->handler);
    free(letter_attempt);
}

enum fate letter_attempt_run(struct letter_attempt *letter_attempt, const struct letter *letter,
                             const struct job *message, const struct job *body,
                             const struct durable_state *durable)
{
    const struct dlq *dlq = letter_attempt->dlq;
    struct attempt attempt;
    struct verdict verdict = {0};
    attempt_begin(&attempt, dlq->connection, dlq->options->stream, message, durable);
    attempt.letter = letter;
    attempt.body = body;
    attempt.max = dlq->options->max_attempts;
    letter_attempt->handler->run(letter_attempt->handler, &attempt, &verdict);
    enum fate fate = fate_of_verdict(&verdict, message->delivery.deliveries, attempt.max);
    if (verdict.kind == VERDICT_STOPPED || verdict.kind == VERDICT_UNSTARTED)
        log_info(dlq->log, "# %" PRIu64 " is returned: %s", letter->seq,
                 verdict.error[0] ? verdict.error : "cut off by the stop");
    else if (fate != FATE_DONE)
        log_info(dlq->log, "# %" PRIu64 " failed again: %s", letter->seq, verdict.reason);
    return fate;
}
