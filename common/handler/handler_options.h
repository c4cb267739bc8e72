/* handler_options: the options about handlers, which consumer and dlq share. */
#ifndef NATSQ_HANDLER_OPTIONS_H
#define NATSQ_HANDLER_OPTIONS_H

#include "cli/options.h"

#include <limits.h>

/* The kinds of handlers. A new one is a value here, see README.md. */
enum handler_choice { HANDLER_BUILTIN, HANDLER_COMMAND, HANDLER_COPROCESS, HANDLER_KINDS };

enum handler_keep { HANDLER_KEEP_NO, HANDLER_KEEP_PROTOBUF, HANDLER_KEEP_JSONL };

struct handler_options {
    char **command;       /* NULL-ended, or NULL */
    const char *program;  /* path of the command's program, set by handler_options_check */
    char found[PATH_MAX]; /* holds that path if it comes from PATH */
    int keep;             /* enum handler_keep: one process for many jobs, not one for each */
    double fail_rate;     /* of the built-in handler */
    int64_t concurrency;  /* handlers that run concurrently; 0: as many as there are processors */
    int64_t job_timeout;  /* ns; 0: none */
    int64_t kill_after, grace;
    int log_body; /* 0 no, 1 yes */
    bool tag;     /* the job's sequence and a tab before each line of a handler's stdout */
    struct {
        bool concurrency, job_timeout, kill_after, fail_rate, log_body;
    } given; /* on the command line */
    /* Set by handler_options_check: */
    bool shows_bodies;   /* log lines name a job by its body */
    bool escapes_output; /* stdout is a terminal: control characters in output are made visible */
};

/* Rows of the option table; their values are a struct handler_options. */
extern const struct option_row handler_rows[];

/* Finds the command's program and fills in the fields that are marked as set by it, once, before
 * any job is taken. -1: 78 if there is no such program or it cannot be started (executable.h), 74
 * if the handlers could not write to stdout, 64 for an option that needs a command, 71 if the limit
 * of open files is too low for that many handlers. */
int handler_options_check(struct handler_options *options, struct error *error);

/* The kind that the options choose. Programs do not ask for a COMMAND, but for what they mean: */
enum handler_choice handler_chosen(const struct handler_options *options);

/* Whether the built-in handler runs. It is instant, so jobs may be pulled in advance. */
bool handler_is_builtin(const struct handler_options *options);

/* How many handlers run at once: `concurrency`; of the built-in handler one. */
size_t handler_slots(const struct handler_options *options);

/* Of dlq: whether the handler decides each letter. The built-in one does not: jobs are put back. */
bool handler_decides_letters(const struct handler_options *options);

/* Whether what handlers write to stdout goes to ours. A handler that is kept running has a pipe for
 * its results instead. */
bool handler_uses_stdout(const struct handler_options *options);

/* Whether they write to a pipe of ours (stdout_relay); otherwise they inherit our stdout. */
bool handler_output_is_relayed(const struct handler_options *options);

#endif
