#include "handler/handler_kind.h"

#include <inttypes.h>
#include <sodium.h>

static void run_builtin(struct handler *handler, struct attempt *attempt, struct verdict *verdict)
{
    double fail_rate = handler->options->fail_rate;
    if (fail_rate > 0 && randombytes_random() < fail_rate * UINT32_MAX) {
        *verdict = (struct verdict){
            .exit_code = -1, .reason = "failed", .error = "failed at random (--fail-rate)"};
        return;
    }
    char text[TEXT_MAX];
    log_info(handler->log, "received %s from stream sequence # %" PRIu64,
             job_body_text(attempt->job, text), attempt->seq);
    *verdict = (struct verdict){.kind = VERDICT_DONE, .exit_code = -1};
}

const struct handler_kind handler_builtin = {.size = sizeof(struct handler), .run = run_builtin};
