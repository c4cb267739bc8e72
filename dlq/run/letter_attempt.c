#include "run/letter_attempt.h"

#include "dlq.h"
#include "handler/attempt.h"
#include "handler/handler.h"
#include "run/run_report.h"

#include <inttypes.h>

enum fate letter_attempt_run(const struct dlq *dlq, struct handler *handler,
                             const struct letter *letter, const struct job *message,
                             const struct job *body, const struct durable_state *durable)
{
    struct attempt attempt;
    struct verdict verdict = {0};
    attempt_begin_letter(&attempt, dlq->connection, message, letter, body, durable);
    attempt.max = dlq->options->max_attempts;
    handler_run(handler, &attempt, &verdict);
    enum fate fate = fate_of_verdict(&verdict, message->delivery.deliveries, attempt.max);
    if (verdict.kind == VERDICT_STOPPED || verdict.kind == VERDICT_UNSTARTED)
        log_info(dlq->log, "# %" PRIu64 " is returned: %s", letter->seq,
                 verdict.error[0] ? verdict.error : "cut off by the stop");
    else if (fate != FATE_DONE) {
        atomic_fetch_add(&dlq->report->failed, 1);
        log_warn(dlq->log, "# %" PRIu64 " failed again: %s", letter->seq, verdict.reason);
    }
    return fate;
}
