/* handler: runs an attempt at a job to its verdict. What runs depends on the options: the built-in
 * handler, a command for each job, or a command that is kept running. A handler serves one attempt
 * at a time, so each thread opens its own, and closes it too: the kernel kills a process that is
 * kept running when the thread that started it ends. */
#ifndef NATSQ_HANDLER_H
#define NATSQ_HANDLER_H

#include "base/cleanup.h"
#include "handler/attempt.h"
#include "handler/handler_options.h"
#include "handler/output_queue.h"
#include "handler/start_backoff.h"
#include "handler/verdict.h"

/* State shared by the handlers of a program; initialize it with zeros. */
struct handler_shared {
    atomic_size_t running; /* handlers that work on an attempt */
    struct start_backoff start_backoff;
    struct output_queue *output;  /* of stdout_relay; NULL: not needed */
    atomic_uint_fast64_t omitted; /* hash of the variables that the last warning named */
};

/* After all handlers are closed. */
void handler_shared_release(struct handler_shared *shared);

struct handler;

/* Keeps the pointers. NULL: no memory (71). */
struct handler *handler_open(const struct handler_options *options, struct handler_shared *shared,
                             const struct log *log, struct error *error);
void handler_close(struct handler *handler);

/* Renews the attempt's lease meanwhile. Once a stop is requested it returns within the grace. */
void handler_run(struct handler *handler, struct attempt *attempt, struct verdict *verdict);

CLEANUP_DEFINE(struct handler *, cleanup_handler, handler_close)
CLEANUP_DEFINE(struct handler_shared *, cleanup_handler_shared, handler_shared_release)

#endif
