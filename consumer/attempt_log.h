/* attempt_log: the worker's lines about the outcome of attempts: a failed one is a warning, a death
 * an error. */
#ifndef NATSQ_ATTEMPT_LOG_H
#define NATSQ_ATTEMPT_LOG_H

#include "handler/attempt.h"
#include "handler/handler_options.h"
#include "handler/verdict.h"
#include "settlement.h"

/* Nothing about a job that is done: its handler logs it, or nothing does. */
void attempt_log_settlement(const struct log *log, const struct handler_options *options,
                            const struct attempt *attempt, const struct verdict *verdict,
                            enum settlement_action action);

/* A job that was dead-lettered without a run, because its attempts were used up. */
void attempt_log_exhausted(const struct log *log, const struct attempt *attempt,
                           const struct verdict *verdict);

#endif
