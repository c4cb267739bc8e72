/* handler_kind: what a kind of handler implements. A kind is a file handler_<kind>.c that defines
 * one of the tables below, a value of enum handler_choice, which handler_chosen() returns, and a
 * row in handler.c. */
#ifndef NATSQ_HANDLER_KIND_H
#define NATSQ_HANDLER_KIND_H

#include "handler/attempt.h"
#include "handler/handler_options.h"
#include "handler/verdict.h"

struct handler_shared;

/* The first member of each kind's own struct. */
struct handler {
    const struct handler_kind *kind;
    const struct handler_options *options;
    struct handler_shared *shared;
    const struct log *log;
};

struct handler_kind {
    size_t size; /* of the kind's struct */
    /* Reaches a verdict. Meanwhile it renews the attempt's lease at `renew_at`. It ends the job at
     * `job_timeout` after its start (VERDICT_RETRY, `timed_out`), and at the end of the grace after
     * a stop (VERDICT_STOPPED), and returns at most `kill_after` later. */
    void (*run)(struct handler *handler, struct attempt *attempt, struct verdict *verdict);
    /* Both may be NULL. `open`: all else in `handler` is 0. `close`: even after `open` failed; does
     * not free `handler`. */
    int (*open)(struct handler *handler, struct error *error);
    void (*close)(struct handler *handler);
};

/* Logs `received BODY from stream sequence # N` and is done, or fails at random (--fail-rate). */
extern const struct handler_kind handler_builtin;

/* A process for each job: the body on stdin, what else is known of the job in the environment. */
extern const struct handler_kind handler_command;

/* --keep: one process for many jobs, which reads jobs on stdin and answers on stdout
 * (protocol.h). */
extern const struct handler_kind handler_coprocess;

#endif
