#include "handler/handler.h"

#include "base/text.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdlib.h>

struct builtin {
    struct handler base;
    const struct log *log;
    const struct handler_options *options;
};

static bool fails(const struct builtin *builtin)
{
    return builtin->options->fail_rate > 0 &&
           randombytes_random() < builtin->options->fail_rate * UINT32_MAX;
}

static void run(struct handler *handler, struct attempt *attempt, struct verdict *verdict)
{
    const struct builtin *builtin = (const struct builtin *)handler;
    if (fails(builtin)) {
        *verdict = (struct verdict){
            .exit_code = -1, .reason = "failed", .error = "failed at random (--fail-rate)"};
        return;
    }
    size_t length;
    const char *body = job_body(attempt->job, &length);
    char shown[TEXT_MAX];
    log_info(builtin->log, "received %s from stream sequence # %" PRIu64,
             text_escape(body, length, shown), attempt->job->delivery.seq);
    *verdict = (struct verdict){.kind = VERDICT_DONE, .exit_code = -1};
}

static void close_builtin(struct handler *handler)
{
    free(handler);
}

struct handler *handler_open_builtin(const struct handler_options *options, const struct log *log,
                                     struct error *error)
{
    struct builtin *builtin = calloc(1, sizeof *builtin);
    if (!builtin) {
        error_set(error, EX_OSERR, "out of memory");
        return NULL;
    }
    *builtin = (struct builtin){{run, close_builtin}, log, options};
    return &builtin->base;
}
