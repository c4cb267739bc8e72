#include "handler/handler_options.h"

#include "base/inherited.h"
#include "base/output.h"
#include "handler/executable.h"

#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#define AT(field) .offset = offsetof(struct handler_options, field)
#define GIVEN(field) .given_offset = offsetof(struct handler_options, given.field)

/* Indexed by enum handler_keep. */
static const char *const keeps[] = {"no", "protobuf", "jsonl", NULL};

static const char *const log_bodies[] = {"no", "yes", NULL};

const struct option_row handler_rows[] = {
    {"keep", "protobuf|jsonl",
     "start COMMAND once in each slot and send it jobs, as messages of job.proto or as one JSON "
     "object per line (see examples/)",
     "jsonl", AT(keep), .choices = keeps, .implied_value = "protobuf", .kind = OPTION_CHOICE},
    {"concurrency", "N", "jobs that run concurrently (default: the number of processors)", "4",
     AT(concurrency), GIVEN(concurrency), .min = 1, .max = 1024, .kind = OPTION_NUMBER,
     .short_name = 'j'},
    {"job-timeout", "D", "time limit for a job; then SIGTERM (default: none)", "30s",
     AT(job_timeout), GIVEN(job_timeout), .min = 1, .kind = OPTION_DURATION},
    {"kill-after", "D", "time from SIGTERM to SIGKILL", "10s", NULL, "5s", AT(kill_after),
     GIVEN(kill_after), .min = 1, .kind = OPTION_DURATION},
    {"grace", "D", "time for running handlers to finish at a stop", "1m", NULL, "10s", AT(grace),
     .kind = OPTION_DURATION},
    {"log-body", "yes|no",
     "name a job in log lines by its body, or by its sequence and id (default: yes without a "
     "COMMAND, no with one)",
     "yes", AT(log_body), GIVEN(log_body), .choices = log_bodies, .kind = OPTION_CHOICE},
    {"tag", NULL,
     "put the job's sequence and a tab before each line that COMMAND writes to stdout; lines of "
     "jobs that run concurrently do not mix",
     AT(tag), .kind = OPTION_FLAG},
    {0},
};

enum handler_choice handler_chosen(const struct handler_options *options)
{
    if (!options->command)
        return HANDLER_BUILTIN;
    return options->keep ? HANDLER_COPROCESS : HANDLER_COMMAND;
}

bool handler_is_builtin(const struct handler_options *options)
{
    return handler_chosen(options) == HANDLER_BUILTIN;
}

size_t handler_slots(const struct handler_options *options)
{
    return handler_is_builtin(options) ? 1 : (size_t)options->concurrency;
}

bool handler_decides_letters(const struct handler_options *options)
{
    return !handler_is_builtin(options);
}

bool handler_uses_stdout(const struct handler_options *options)
{
    return handler_chosen(options) == HANDLER_COMMAND;
}

bool handler_output_is_relayed(const struct handler_options *options)
{
    return handler_uses_stdout(options) && (options->tag || options->escapes_output);
}

/* A handler that cannot write to its stdout may fail every job. */
static int check_output(const struct handler_options *options, struct error *error)
{
    if (!handler_uses_stdout(options) || output_check(error) == 0)
        return 0;
    return error_set(error, EX_IOERR,
                     "standard output cannot be written, and the handlers inherit it: redirect "
                     "it, for example to /dev/null");
}

/* While a process is being started, both ends of its pipes and of spawn's own pipe are open. */
static int allow_descriptors(const struct handler_options *options, struct error *error)
{
    enum { OURS = 64, PER_COMMAND = 7, PER_COPROCESS = 8 };
    char what[60];
    size_t each = handler_chosen(options) == HANDLER_COPROCESS ? PER_COPROCESS : PER_COMMAND;
    size_t n = handler_slots(options) * each + OURS;
    snprintf(what, sizeof what, "--concurrency %" PRId64, options->concurrency);
    return inherited_allow_descriptors(n, what, error);
}

/* The built-in handler would ignore them. */
static int check_builtin(const struct handler_options *options, struct error *error)
{
    if (options->keep)
        return error_set(error, EX_USAGE, "--keep needs a COMMAND: --keep -- COMMAND");
    const char *useless = options->given.concurrency   ? "--concurrency"
                          : options->given.job_timeout ? "--job-timeout"
                          : options->given.kill_after  ? "--kill-after"
                          : options->tag               ? "--tag"
                                                       : NULL;
    return useless ? error_set(error, EX_USAGE, "%s needs a COMMAND: %s ... -- COMMAND", useless,
                               useless)
                   : 0;
}

static int check_command(struct handler_options *options, struct error *error)
{
    if (options->tag && options->keep)
        return error_set(
            error, EX_USAGE,
            "--tag cannot go with --keep: the stdout of COMMAND then has its results, and the "
            "lines of its stderr have the sequence already");
    options->program = executable_find(options->command[0], options->found, error);
    if (!options->program || check_output(options, error) < 0)
        return -1;
    options->escapes_output = isatty(STDOUT_FILENO);
    return allow_descriptors(options, error);
}

int handler_options_check(struct handler_options *options, struct error *error)
{
    if (options->concurrency == 0) {
        long processors = sysconf(_SC_NPROCESSORS_ONLN);
        options->concurrency = processors > 0 ? processors : 1;
    }
    options->shows_bodies =
        options->given.log_body ? options->log_body : handler_is_builtin(options);
    if (handler_is_builtin(options))
        return check_builtin(options, error);
    if (options->fail_rate > 0)
        return error_set(error, EX_USAGE, "--fail-rate is for the built-in handler");
    return options->command ? check_command(options, error) : 0;
}
