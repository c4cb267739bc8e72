/* handler: what is run for each job. A kind of handler is a file handler_<kind>.c with a function
 * that opens one and a `run`; each slot opens its own, so a handler serves one job at a time and
 * needs no locks. consumer and dlq share them and their options. */
#ifndef NATSQ_HANDLER_H
#define NATSQ_HANDLER_H

#include "base/cleanup.h"
#include "base/log.h"
#include "cli/options.h"
#include "handler/attempt.h"
#include "handler/start_backoff.h"
#include "handler/verdict.h"

#include <limits.h>

enum handler_keep { HANDLER_KEEP_NO, HANDLER_KEEP_PROTOBUF, HANDLER_KEEP_JSONL };

struct handler_options {
    char **command;       /* NULL-ended; NULL: the built-in one */
    const char *program;  /* its path as handler_check found it */
    char found[PATH_MAX]; /* where it was not given as a path */
    int keep;             /* enum handler_keep: started once and fed, not once a job */
    double fail_rate;     /* of the built-in one */
    int64_t concurrency;  /* slots; 0: the processors */
    int64_t job_timeout;  /* 0: none */
    int64_t kill_after, grace;
    struct {
        bool concurrency, job_timeout, kill_after;
    } given; /* on the command line */
};

/* Table of the shared options; their set's values are a struct handler_options. */
extern const struct option_row handler_rows[];

/* What the handlers of a program have in common; starts as zeros. */
struct handler_shared {
    struct start_backoff start_backoff;
    atomic_uint_fast64_t left_out; /* hash of the variables that a warning named last */
};

struct handler {
    /* Runs an attempt to its verdict and renews its lease meanwhile; returns within the grace once
     * a stop is requested. */
    void (*run)(struct handler *handler, struct attempt *attempt, struct verdict *verdict);
    void (*close)(struct handler *handler);
};

/* Finds the command's program, once, before any job is taken, and fills in `concurrency`. -1: 78
 * when there is none or it cannot be started (program.h), 74 when the handlers could not write to
 * stdout, 64 for an option that needs a command, 71 when the limit of open files is too low for the
 * slots. */
int handler_check(struct handler_options *options, struct error *error);

/* Whether handlers write to our stdout: commands for each job do, kept ones have a pipe of ours. */
bool handler_uses_stdout(const struct handler_options *options);

/* Opens a handler of the kind that the options ask for; keeps the pointers. */
struct handler *handler_open(const struct handler_options *options, struct handler_shared *shared,
                             const struct log *log, struct error *error);
void handler_close(struct handler *handler);

/* The built-in one of the walk-through: logs `received BODY from stream sequence # N` and is done;
 * fails at random for a part `fail_rate` of the attempts. */
struct handler *handler_open_builtin(const struct handler_options *options, const struct log *log,
                                     struct error *error);

/* A process for each job: the body on stdin, what is known of it in the environment. */
struct handler *handler_open_command(const struct handler_options *options,
                                     struct handler_shared *shared, const struct log *log,
                                     struct error *error);

/* A process for all jobs, one at a time, which is fed on its stdin and answers on its stdout
 * (kept.h). To be closed by the thread that ran it: the kernel kills the process with it. */
struct handler *handler_open_coprocess(const struct handler_options *options,
                                       struct handler_shared *shared, const struct log *log,
                                       struct error *error);

CLEANUP_DEFINE(struct handler *, cleanup_handler, handler_close)

#endif
