#include "handler/handler_kind.h"

#include "base/clock.h"
#include "base/output.h"
#include "handler/attempt_fields.h"
#include "handler/environment.h"
#include "handler/handler.h"
#include "handler/supervisor.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

struct command {
    struct handler base;
    struct environment *environment;
    struct supervisor supervisor;
};

static int open_command(struct handler *handler, struct error *error)
{
    struct command *command = (struct command *)handler;
    supervisor_init(&command->supervisor, handler->options, handler->log);
    command->supervisor.output.queue = handler->shared->output;
    command->environment = environment_open(error);
    return command->environment ? 0 : -1;
}

static void close_command(struct handler *handler)
{
    struct command *command = (struct command *)handler;
    environment_close(command->environment);
    stdout_relay_release(&command->supervisor.output);
}

/* The body as a file in memory: the handler may ignore it, read it late or seek in it, and no size
 * blocks either side, as a pipe would. */
static int body_file(const struct job *job)
{
    size_t length;
    const char *body = job_body(job, &length);
    if (length == 0)
        return open("/dev/null", O_RDONLY | O_CLOEXEC);
    _cleanup_(cleanup_fd) int file = memfd_create("job", MFD_CLOEXEC);
    for (size_t done = 0; file >= 0 && done < length;) {
        ssize_t written = pwrite(file, body + done, length - done, (off_t)done);
        if (written < 0 && errno != EINTR)
            return -1;
        done += written > 0 ? (size_t)written : 0;
    }
    int taken = file;
    file = -1;
    return taken;
}

/* 1: this job can never be started (its body exceeds RLIMIT_FSIZE), but others can. */
static int start(struct command *command, const struct attempt *attempt, struct error *error)
{
    struct supervisor *supervisor = &command->supervisor;
    const struct handler_options *options = command->base.options;
    struct stdout_relay *relay = &supervisor->output;
    _cleanup_(cleanup_fd) int errors = -1, output = -1, input = body_file(attempt->body);
    if (input < 0 || spawn_pipe(&supervisor->relay.pipe, &errors, false) < 0 ||
        (relay->queue && spawn_pipe(&relay->pipe, &output, false) < 0)) {
        bool is_too_large = input < 0 && errno == EFBIG;
        error_set(error, EX_OSERR, "cannot create a file for the job: %s", strerror(errno));
        stderr_relay_close(&supervisor->relay);
        return is_too_large ? 1 : -1;
    }
    struct spawn_request request = {
        .program = options->program,
        .arguments = options->command,
        .environment = environment_for(command->environment, attempt),
        .input = input,
        .output = relay->queue ? output : STDOUT_FILENO,
        .errors = errors,
    };
    int result = spawn(&request, &supervisor->process, error);
    if (result == -E2BIG) { /* because of our own variables, or of a small stack limit */
        request.environment = environment_without_headers(command->environment);
        result = spawn(&request, &supervisor->process, error);
    }
    if (result < 0) {
        stderr_relay_close(&supervisor->relay);
        stdout_relay_abandon(relay);
    }
    return result;
}

/* FNV-1a */
static uint64_t hash(const char *text)
{
    uint64_t value = 0xcbf29ce484222325;
    for (; *text; text++)
        value = (value ^ (unsigned char)*text) * 0x100000001b3;
    return value;
}

/* Many jobs have the same headers, so it warns only when the set of omitted variables changes. */
static void warn_of_omitted(struct command *command, const struct attempt *attempt)
{
    const char *names = environment_omitted(command->environment);
    if (!*names)
        return;
    uint64_t names_hash = hash(names);
    if (atomic_exchange(&command->base.shared->omitted, names_hash) != names_hash)
        log_attempt(command->base.log, LOG_LEVEL_WARN, attempt, NULL,
                    "# %" PRIu64
                    ", and jobs like it: the handler's environment has no room for %s (at most "
                    "%d variables and %d KiB of a job)",
                    attempt->seq, names, ENVIRONMENT_VARIABLES, ENVIRONMENT_KIB);
}

/* Tries until the process has started. -1: it gave up. */
static int start_with_retries(struct command *command, struct attempt *attempt, struct error *error)
{
    struct start_backoff *backoff = &command->base.shared->start_backoff;
    int64_t pause = 0;
    int result;
    while ((result = start(command, attempt, error)) < 0) {
        start_backoff_failed(backoff, command->base.log, error);
        pause = start_backoff_next_pause(pause);
        if (!start_backoff_wait(attempt, &command->supervisor.schedule, clock_now() + pause))
            return -1;
    }
    if (result > 0)
        return -1;
    start_backoff_succeeded(backoff, command->base.log);
    warn_of_omitted(command, attempt);
    return 0;
}

/* stdout cannot be written, or not in time. The job is not to blame, no matter how the handler then
 * ends: by SIGPIPE, with a shell's 141 or with an exit code of its runtime. */
static void return_job(struct verdict *verdict)
{
    verdict->kind = VERDICT_STOPPED;
    snprintf(verdict->error, sizeof verdict->error, "stdout cannot be written%s%s",
             verdict->reason[0] ? ": " : "", verdict->reason);
}

static void wait_for_exit(struct supervisor *supervisor, struct verdict *verdict)
{
    supervisor_begin_timeout(supervisor);
    while (!(supervisor_wait(supervisor, -1, -1) & SUPERVISOR_EXITED))
        ;
    supervisor_reap(supervisor, verdict);
    if (verdict->kind != VERDICT_DONE) /* a process may finish its work on SIGTERM */
        supervisor_explain(supervisor, verdict);
    if (!stdout_relay_finish(&supervisor->output, supervisor->attempt))
        return_job(verdict);
}

static void run_command(struct handler *handler, struct attempt *attempt, struct verdict *verdict)
{
    struct command *command = (struct command *)handler;
    struct error error = {0};
    /* A last attempt runs anyway: if it were returned, the job would be dead without having run. */
    if (output_is_unread() && !attempt_is_last(attempt)) {
        *verdict = (struct verdict){.exit_code = -1};
        return_job(verdict);
        return;
    }
    supervisor_begin(&command->supervisor, attempt);
    if (start_with_retries(command, attempt, &error) < 0) {
        verdict_unstarted(verdict, error.text);
        return;
    }
    wait_for_exit(&command->supervisor, verdict);
    if (verdict->kind == VERDICT_DONE)
        (void)output_is_unread(); /* if so, no other job is requested */
    else if (output_is_broken())
        return_job(verdict);
}

const struct handler_kind handler_command = {sizeof(struct command), run_command, open_command,
                                             close_command};
