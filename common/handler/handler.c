#include "handler/handler.h"

struct handler *handler_open(const struct handler_options *options, struct handler_shared *shared,
                             const struct log *log, struct error *error)
{
    if (options->command && options->keep)
        return handler_open_coprocess(options, shared, log, error);
    if (options->command)
        return handler_open_command(options, shared, log, error);
    return handler_open_builtin(options, log, error);
}

void handler_close(struct handler *handler)
{
    if (handler)
        handler->close(handler);
}
