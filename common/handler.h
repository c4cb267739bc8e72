/* handler: what is run for each job. A kind of handler is a function that opens one and a `run`;
 * each slot opens its own, so a handler serves one job at a time and needs no locks. */
#ifndef NATSQ_HANDLER_H
#define NATSQ_HANDLER_H

#include "cleanup.h"
#include "job.h"
#include "log.h"
#include "verdict.h"

struct handler {
    void (*run)(struct handler *handler, const struct job *job, struct verdict *verdict);
    void (*close)(struct handler *handler);
};

/* The built-in one of the walk-through: logs `received BODY from stream sequence # N` and is done;
 * fails at random for a part `fail_rate` (0 to 1) of the attempts. */
struct handler *handler_open_builtin(const struct log *log, double fail_rate, struct error *error);

void handler_close(struct handler *handler);

CLEANUP_DEFINE(struct handler *, cleanup_handler, handler_close)

#endif
