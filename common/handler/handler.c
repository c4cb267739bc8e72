#include "handler/handler.h"

#include "handler/handler_kind.h"

#include <stdlib.h>

static const struct handler_kind *const kinds[HANDLER_KINDS] = {
    [HANDLER_BUILTIN] = &handler_builtin,
    [HANDLER_COMMAND] = &handler_command,
    [HANDLER_COPROCESS] = &handler_coprocess,
};

void handler_shared_release(struct handler_shared *shared)
{
    output_queue_close(take(shared->output));
}

struct handler *handler_open(const struct handler_options *options, struct handler_shared *shared,
                             const struct log *log, struct error *error)
{
    const struct handler_kind *kind = kinds[handler_chosen(options)];
    if (handler_output_is_relayed(options) && !shared->output &&
        output_queue_open(&shared->output, error) < 0)
        return NULL;
    _cleanup_(cleanup_handler) struct handler *handler = calloc(1, kind->size);
    if (!handler) {
        error_set(error, EX_OSERR, "out of memory");
        return NULL;
    }
    *handler = (struct handler){kind, options, shared, log};
    if (kind->open && kind->open(handler, error) < 0)
        return NULL;
    return take(handler);
}

void handler_close(struct handler *handler)
{
    if (!handler)
        return;
    if (handler->kind->close)
        handler->kind->close(handler);
    free(handler);
}

void handler_run(struct handler *handler, struct attempt *attempt, struct verdict *verdict)
{
    atomic_fetch_add(&handler->shared->running, 1);
    handler->kind->run(handler, attempt, verdict);
    atomic_fetch_sub(&handler->shared->running, 1);
}
