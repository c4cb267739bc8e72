/* supervisor: watches a handler's process. Waits for its events, passes on its stderr, renews the
 * lease of its attempt, and ends it at the job's timeout or after the grace of a stop. */
#ifndef NATSQ_SUPERVISOR_H
#define NATSQ_SUPERVISOR_H

#include "handler/attempt.h"
#include "handler/handler_options.h"
#include "handler/kill_schedule.h"
#include "handler/spawn.h"
#include "handler/stderr_relay.h"
#include "handler/stdout_relay.h"
#include "handler/verdict.h"

struct supervisor {
    const struct handler_options *options;
    struct attempt *attempt; /* NULL: none */
    struct process process;
    struct stderr_relay relay;
    struct stdout_relay output; /* without a pipe for a process that is kept running */
    struct kill_schedule schedule;
    bool terminated; /* SIGTERM was sent */
};

enum supervisor_event {
    SUPERVISOR_EXITED = 1 << 0,
    SUPERVISOR_READABLE = 1 << 1, /* or closed by the process */
    SUPERVISOR_WRITABLE = 1 << 2, /* or closed by the process */
};

void supervisor_init(struct supervisor *supervisor, const struct handler_options *options,
                     const struct log *log);

/* Before the process is started for an attempt: there is no timeout yet. */
void supervisor_begin(struct supervisor *supervisor, struct attempt *attempt);

/* The process works on the attempt from now on: its timeout begins. */
void supervisor_begin_timeout(struct supervisor *supervisor);

/* Does what is due, then waits. Returns a set of enum supervisor_event, which may be empty.
 * `output` is our end of the process's stdout and `input` of its stdin; -1: does not wait for
 * it. */
unsigned supervisor_wait(struct supervisor *supervisor, int output, int input);

/* The same without waiting, and without doing what is due. */
unsigned supervisor_poll(struct supervisor *supervisor, int output, int input);

/* SIGTERM now and SIGKILL later. */
void supervisor_terminate(struct supervisor *supervisor);

/* Once it has exited: its status as a verdict, with its last line on stderr as the error. */
void supervisor_reap(struct supervisor *supervisor, struct verdict *verdict);

/* Corrects the verdict of a failure that a timeout or a stop has caused. */
void supervisor_explain(const struct supervisor *supervisor, struct verdict *verdict);

#endif
