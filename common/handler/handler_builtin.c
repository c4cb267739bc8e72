#include "handler/attempt_fields.h"
#include "handler/handler_kind.h"
#include "handler/job_name.h"

#include <inttypes.h>
#include <sodium.h>

static void log_received(const struct handler *handler, const struct attempt *attempt)
{
    struct job_name name;
    if (handler->options->shows_bodies)
        log_attempt(handler->log, LOG_LEVEL_INFO, attempt, NULL,
                    "received %s from stream sequence # %" PRIu64,
                    job_body_text(attempt->job, name.text), attempt->seq);
    else
        log_attempt(handler->log, LOG_LEVEL_INFO, attempt, NULL, "received %s",
                    job_name(&name, handler->options, attempt->job, attempt->seq)->text);
}

static void run_builtin(struct handler *handler, struct attempt *attempt, struct verdict *verdict)
{
    double fail_rate = handler->options->fail_rate;
    if (fail_rate > 0 && randombytes_random() < fail_rate * UINT32_MAX) {
        *verdict = (struct verdict){
            .exit_code = -1, .reason = "failed", .error = "failed at random (--fail-rate)"};
        return;
    }
    log_received(handler, attempt);
    *verdict = (struct verdict){.kind = VERDICT_DONE, .exit_code = -1};
}

const struct handler_kind handler_builtin = {.size = sizeof(struct handler), .run = run_builtin};
