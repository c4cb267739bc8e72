#include "handler.h"

#include "text.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdlib.h>

struct builtin {
    struct handler base;
    const struct log *log;
    double fail_rate;
};

static bool fails(const struct builtin *builtin)
{
    return builtin->fail_rate > 0 && randombytes_random() < builtin->fail_rate * UINT32_MAX;
}

static void run(struct handler *handler, const struct job *job, struct verdict *verdict)
{
    const struct builtin *builtin = (const struct builtin *)handler;
    if (fails(builtin)) {
        *verdict = (struct verdict){VERDICT_RETRY, "failed", "failed at random (--fail-rate)"};
        return;
    }
    size_t length;
    const char *body = job_body(job, &length);
    char shown[TEXT_MAX];
    log_info(builtin->log, "received %s from stream sequence # %" PRIu64,
             text_escape(body, length, shown), job->delivery.seq);
    verdict->kind = VERDICT_DONE;
}

static void close_builtin(struct handler *handler)
{
    free(handler);
}

struct handler *handler_open_builtin(const struct log *log, double fail_rate, struct error *error)
{
    struct builtin *builtin = calloc(1, sizeof *builtin);
    if (!builtin) {
        error_set(error, EX_OSERR, "out of memory");
        return NULL;
    }
    *builtin = (struct builtin){{run, close_builtin}, log, fail_rate};
    return &builtin->base;
}

void handler_close(struct handler *handler)
{
    if (handler)
        handler->close(handler);
}
