#include "handler/handler.h"

#include "base/clock.h"
#include "base/duration.h"
#include "base/output.h"
#include "base/stop.h"
#include "handler/environment.h"
#include "handler/executable.h"
#include "handler/kill_schedule.h"
#include "handler/spawn.h"
#include "handler/stderr_relay.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

struct command {
    struct handler base;
    const struct handler_options *options;
    struct handler_shared *shared;
    const struct log *log;
    struct environment *environment;
    struct stderr_relay relay;
};

/* A run under way: what ends it is its exit, a timeout or a stop. */
struct run {
    struct command *command;
    struct attempt *attempt;
    struct process process;
    int errors; /* our end of its stderr, -1 once it is closed */
    struct kill_schedule schedule;
};

/* The body as a file in memory: the handler may ignore it, read it late or seek in it, and no size
 * can block either side, as a pipe would. */
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

/* 1: this job can never be started, unlike others (its body is above RLIMIT_FSIZE). */
static int start(struct command *command, struct attempt *attempt, struct run *run,
                 struct error *error)
{
    int ends[2];
    _cleanup_(cleanup_fd) int input = body_file(attempt->body);
    if (input < 0 || pipe2(ends, O_CLOEXEC | O_NONBLOCK) < 0) {
        bool is_too_large = input < 0 && errno == EFBIG;
        error_set(error, EX_OSERR, "cannot make a file for the job: %s", strerror(errno));
        return is_too_large ? 1 : -1;
    }
    run->errors = ends[0];
    _cleanup_(cleanup_fd) int errors = ends[1];
    fcntl(errors, F_SETFL, 0); /* the handler's end blocks, as programs expect */
    struct spawn_request request = {
        .program = command->options->program,
        .arguments = command->options->command,
        .environment = environment_for(command->environment, attempt),
        .input = input,
        .output = STDOUT_FILENO,
        .errors = errors,
    };
    int result = spawn(&request, &run->process, error);
    if (result == -E2BIG) { /* with what is ours, or under a small limit of the stack */
        request.environment = environment_without_headers(command->environment);
        result = spawn(&request, &run->process, error);
    }
    if (result < 0)
        close(run->errors);
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

/* Many jobs have the same headers: warns only when other variables are left out than last time. */
static void warn_of_left_out(struct command *command)
{
    const char *names = environment_omitted(command->environment);
    if (!*names)
        return;
    uint64_t set = hash(names);
    if (atomic_exchange(&command->shared->left_out, set) != set)
        log_warn(command->log,
                 "# %llu, and jobs like it: the handler's environment has no room for %s (at most "
                 "%d variables and %d KiB of a job)",
                 (unsigned long long)command->relay.seq, names, ENVIRONMENT_VARIABLES,
                 ENVIRONMENT_KIB);
}

/* Tries until it has started. -1: no further try. */
static int start_at_last(struct command *command, struct attempt *attempt, struct run *run,
                         struct error *error)
{
    const struct handler_options *options = command->options;
    int64_t pause = 0;
    int result;
    kill_schedule_begin(&run->schedule, 0, 0, options->grace, options->kill_after);
    while ((result = start(command, attempt, run, error)) < 0) {
        executable_explain(options->program, error);
        start_backoff_failed(&command->shared->start_backoff, command->log, error);
        pause = start_backoff_next_pause(pause);
        if (!start_backoff_wait(attempt, &run->schedule, clock_now() + pause))
            return -1;
    }
    if (result > 0)
        return -1;
    start_backoff_succeeded(&command->shared->start_backoff, command->log);
    warn_of_left_out(command);
    return 0;
}

static void look_at_clock(struct run *run)
{
    int64_t now = clock_now();
    if (now >= run->attempt->renew_at)
        attempt_renew_lease(run->attempt);
    switch (kill_schedule_due(&run->schedule, now, stop_requested())) {
    case KILL_SIGTERM:
        process_signal(&run->process, SIGTERM);
        break;
    case KILL_SIGKILL:
        process_signal(&run->process, SIGKILL);
        break;
    case KILL_NOT_YET:
        break;
    }
}

/* One wait for whatever comes first. True once the process has ended. */
static bool wait_for_event(struct run *run)
{
    bool watch_stop = run->schedule.grace_ends == INT64_MAX;
    struct pollfd on[] = {
        {.fd = run->process.pidfd, .events = POLLIN},
        {.fd = run->errors, .events = POLLIN}, /* -1 is passed over */
        {.fd = watch_stop ? stop_descriptor() : -1, .events = POLLIN},
    };
    int64_t next = kill_schedule_next(&run->schedule);
    int64_t left = (next < run->attempt->renew_at ? next : run->attempt->renew_at) - clock_now();
    left = left > 0 ? left : 0;
    struct timespec limit = {left / DURATION_S, left % DURATION_S};
    if (ppoll(on, sizeof on / sizeof on[0], &limit, NULL) > 0 && on[1].revents)
        stderr_relay_read(&run->command->relay, &run->errors);
    return on[0].revents != 0;
}

static void judge(struct run *run, struct verdict *verdict)
{
    int code, status;
    char limit[DURATION_TEXT_MAX];
    process_reap(&run->process, &code, &status);
    verdict_of_exit(verdict, code, status);
    snprintf(verdict->error, sizeof verdict->error, "%s", run->command->relay.last);
    /* One that finished its work on SIGTERM did finish it. */
    if (verdict->kind == VERDICT_DONE)
        return;
    verdict->timed_out = run->schedule.timed_out;
    if (run->schedule.timed_out) {
        verdict->kind = VERDICT_RETRY;
        snprintf(verdict->reason, sizeof verdict->reason, "timeout %s",
                 duration_format(run->command->options->job_timeout, limit));
    } else if (run->schedule.stopped) {
        verdict->kind = VERDICT_STOPPED;
        verdict->error[0] = '\0'; /* its last line on stderr is not the reason */
    }
}

/* Not the job's fault, however the handler ends because of it: by SIGPIPE, with a shell's 141 or an
 * exit code of its runtime. */
static void give_back(struct verdict *verdict)
{
    verdict->kind = VERDICT_STOPPED;
    snprintf(verdict->error, sizeof verdict->error, "stdout cannot be written%s%s",
             verdict->reason[0] ? ": " : "", verdict->reason);
}

static void watch(struct run *run)
{
    kill_schedule_restart(&run->schedule, clock_now(), run->command->options->job_timeout);
    while (!wait_for_event(run))
        look_at_clock(run);
    if (kill_schedule_is_terminating(
            &run->schedule)) /* nothing of its group may go on: the job is redelivered */
        process_signal(&run->process, SIGKILL);
    stderr_relay_drain(&run->command->relay, &run->errors);
    stderr_relay_flush(&run->command->relay);
}

static void run_command(struct handler *handler, struct attempt *attempt, struct verdict *verdict)
{
    struct command *command = (struct command *)handler;
    struct run run = {.command = command, .attempt = attempt};
    struct error error = {0};
    stderr_relay_begin(&command->relay,
                       attempt->letter ? attempt->letter->seq : attempt->job->delivery.seq);
    /* A last attempt runs all the same: returned, the job would be dead without having run. */
    if (output_is_unread() && !attempt_is_last(attempt)) {
        *verdict = (struct verdict){.exit_code = -1};
        give_back(verdict);
        return;
    }
    if (start_at_last(command, attempt, &run, &error) < 0) {
        verdict_unstarted(verdict, error.text);
        return;
    }
    watch(&run);
    judge(&run, verdict);
    if (verdict->kind == VERDICT_DONE)
        (void)output_is_unread(); /* before another job is asked for */
    else if (output_is_broken())
        give_back(verdict);
}

static void close_command(struct handler *handler)
{
    struct command *command = (struct command *)handler;
    environment_close(command->environment);
    free(command);
}

struct handler *handler_open_command(const struct handler_options *options,
                                     struct handler_shared *shared, const struct log *log,
                                     struct error *error)
{
    struct command *command = calloc(1, sizeof *command);
    if (!command) {
        error_set(error, EX_OSERR, "out of memory");
        return NULL;
    }
    command->base = (struct handler){run_command, close_command};
    command->options = options;
    command->shared = shared;
    command->log = command->relay.log = log;
    command->environment = environment_open(error);
    if (command->environment)
        return &command->base;
    free(command);
    return NULL;
}
