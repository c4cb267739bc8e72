#include "handler.h"

#include "duration.h"
#include "environment.h"
#include "lines.h"
#include "spawn.h"
#include "stop.h"

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
    const struct log *log;
    struct environment *environment;
    struct lines lines;
};

/* A run under way: what ends it is its exit, a timeout or a stop. */
struct run {
    struct command *command;
    struct attempt *attempt;
    struct process process;
    int errors;         /* our end of its stderr, -1 once it is closed */
    int64_t deadline;   /* of the job; INT64_MAX: none */
    int64_t grace_ends; /* INT64_MAX until a stop */
    int64_t kill_at;    /* INT64_MAX until SIGTERM was sent */
    bool timed_out, stopped;
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

static int start(struct command *command, struct attempt *attempt, struct run *run,
                 struct error *error)
{
    int ends[2];
    _cleanup_(cleanup_fd) int input = body_file(attempt->body);
    if (input < 0 || pipe2(ends, O_CLOEXEC | O_NONBLOCK) < 0)
        return error_set(error, EX_OSERR, "cannot make a file for the job: %s", strerror(errno));
    run->errors = ends[0];
    _cleanup_(cleanup_fd) int errors = ends[1];
    fcntl(errors, F_SETFL, 0); /* the handler's end blocks, as programs expect */
    const struct spawn_request request = {
        .program = command->options->program,
        .arguments = command->options->command,
        .environment = environment_for(command->environment, attempt),
        .input = input,
        .output = STDOUT_FILENO,
        .errors = errors,
    };
    if (spawn(&request, &run->process, error) == 0)
        return 0;
    close(run->errors);
    return -1;
}

static void read_errors(struct run *run)
{
    char bytes[16384];
    ssize_t n = read(run->errors, bytes, sizeof bytes);
    if (n > 0) {
        lines_feed(&run->command->lines, bytes, (size_t)n);
    } else if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
        close(run->errors);
        run->errors = -1;
    }
}

/* What it had written before it ended. Not to the end of the file: a daemon that it left behind
 * may hold the other end for ever, and one that goes on writing is not waited for. */
static void read_rest(struct run *run)
{
    enum { PIPE_READS = 64 }; /* 1 MiB, the largest pipe of an ordinary user */
    struct pollfd readable = {.fd = run->errors, .events = POLLIN};
    for (int i = 0; i < PIPE_READS && run->errors >= 0 && poll(&readable, 1, 0) > 0; i++)
        read_errors(run);
    if (run->errors >= 0)
        close(run->errors);
    run->errors = -1;
}

static void terminate(struct run *run, int64_t now)
{
    if (run->kill_at != INT64_MAX)
        return;
    process_signal(&run->process, SIGTERM);
    run->kill_at = now + run->command->options->kill_after;
}

static void look_at_clock(struct run *run)
{
    int64_t now = duration_now();
    if (now >= run->attempt->due)
        attempt_renew(run->attempt);
    if (stop_requested() && run->grace_ends == INT64_MAX)
        run->grace_ends = now + run->command->options->grace;
    if (now >= run->deadline && run->kill_at == INT64_MAX) {
        run->timed_out = true;
        terminate(run, now);
    }
    if (now >= run->grace_ends && run->kill_at == INT64_MAX) {
        run->stopped = true;
        terminate(run, now);
    }
    if (now >= run->kill_at) {
        process_signal(&run->process, SIGKILL);
        run->kill_at = INT64_MAX - 1; /* once is enough, and it cannot be ignored */
    }
}

static int64_t earliest(const struct run *run)
{
    int64_t when = run->attempt->due;
    const int64_t others[] = {run->deadline, run->grace_ends, run->kill_at};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        when = others[i] < when ? others[i] : when;
    return when;
}

/* One wait for whatever comes first. True once the process has ended. */
static bool wait_for_event(struct run *run)
{
    bool watch_stop = run->grace_ends == INT64_MAX;
    struct pollfd on[] = {
        {.fd = run->process.pidfd, .events = POLLIN},
        {.fd = run->errors, .events = POLLIN}, /* -1 is passed over */
        {.fd = watch_stop ? stop_descriptor() : -1, .events = POLLIN},
    };
    int64_t left = earliest(run) - duration_now();
    left = left > 0 ? left : 0;
    struct timespec limit = {left / DURATION_S, left % DURATION_S};
    if (ppoll(on, sizeof on / sizeof on[0], &limit, NULL) > 0 && on[1].revents)
        read_errors(run);
    return on[0].revents != 0;
}

static void judge(struct run *run, struct verdict *verdict)
{
    int code, status;
    char limit[DURATION_TEXT_MAX];
    process_reap(&run->process, &code, &status);
    verdict_of_exit(verdict, code, status);
    snprintf(verdict->error, sizeof verdict->error, "%s", run->command->lines.last);
    /* One that finished its work on SIGTERM did finish it. */
    if (verdict->kind == VERDICT_DONE)
        return;
    verdict->timed_out = run->timed_out;
    if (run->timed_out) {
        verdict->kind = VERDICT_RETRY;
        snprintf(verdict->reason, sizeof verdict->reason, "timeout %s",
                 duration_format(run->command->options->job_timeout, limit));
    } else if (run->stopped) {
        verdict->kind = VERDICT_STOPPED;
    }
}

static void run_command(struct handler *handler, struct attempt *attempt, struct verdict *verdict)
{
    struct command *command = (struct command *)handler;
    int64_t timeout = command->options->job_timeout;
    struct run run = {.command = command,
                      .attempt = attempt,
                      .deadline = timeout > 0 ? attempt->began + timeout : INT64_MAX,
                      .grace_ends = INT64_MAX,
                      .kill_at = INT64_MAX};
    struct error error = {0};
    lines_begin(&command->lines,
                attempt->letter ? attempt->letter->seq : attempt->job->delivery.seq);
    if (start(command, attempt, &run, &error) < 0) {
        *verdict = (struct verdict){.kind = VERDICT_RETRY, .exit_code = -1, .reason = "failed"};
        snprintf(verdict->error, sizeof verdict->error, "%.*s", VERDICT_ERROR_MAX - 1, error.text);
        log_error(command->log, &error);
        return;
    }
    while (!wait_for_event(&run))
        look_at_clock(&run);
    if (run.errors >= 0)
        read_rest(&run);
    lines_end(&command->lines);
    judge(&run, verdict);
}

static void close_command(struct handler *handler)
{
    struct command *command = (struct command *)handler;
    environment_close(command->environment);
    free(command);
}

struct handler *handler_open_command(const struct handler_options *options, const struct log *log,
                                     struct error *error)
{
    struct command *command = calloc(1, sizeof *command);
    if (!command) {
        error_set(error, EX_OSERR, "out of memory");
        return NULL;
    }
    command->base = (struct handler){run_command, close_command};
    command->options = options;
    command->log = log;
    command->environment = environment_open(error);
    if (command->environment)
        return &command->base;
    free(command);
    return NULL;
}
