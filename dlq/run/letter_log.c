#include "run/letter_log.h"

#include "dlq.h"
#include "handler/job_name.h"

#include <inttypes.h>

void letter_log_reprocessing(const struct dlq *dlq, const struct letter *letter,
                             const struct job *body)
{
    const struct handler_options *options = &dlq->options->handler;
    struct job_name name;
    job_name(&name, options, body, letter->seq);
    log_letter(dlq->log, LOG_LEVEL_INFO, letter, "reprocessing %s%s%s",
               options->shows_bodies ? "order " : "", name.text, name.end);
}

void letter_log_holding(const struct dlq *dlq, const struct letter *letter)
{
    log_letter(dlq->log, LOG_LEVEL_WARN, letter,
               "holding # %" PRIu64 " (%s, put back %" PRIu64 " time%s)", letter->seq,
               letter->reason, letter->retries, letter->retries == 1 ? "" : "s");
}

bool letter_log_is_new(uint64_t *last, uint64_t seq)
{
    if (seq <= *last)
        return false;
    *last = seq;
    return true;
}
