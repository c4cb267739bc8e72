#include "handler.h"

#include "duration.h"
#include "environment.h"
#include "ladder.h"
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
    int errors; /* our end of its stderr, -1 once it is closed */
    struct ladder ladder;
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

static void look_at_clock(struct run *run)
{
    int64_t now = duration_now();
    if (now >= run->attempt->due)
        attempt_renew(run->attempt);
    switch (ladder_climb(&run->ladder, now, stop_requested())) {
    case LADDER_TERMINATE:
        process_signal(&run->process, SIGTERM);
        break;
    case LADDER_KILL:
        process_signal(&run->process, SIGKILL);
        break;
    case LADDER_STAY:
        break;
    }
}

/* One wait for whatever comes first. True once the process has ended. */
static bool wait_for_event(struct run *run)
{
    bool watch_stop = run->ladder.grace_ends == INT64_MAX;
    struct pollfd on[] = {
        {.fd = run->process.pidfd, .events = POLLIN},
        {.fd = run->errors, .events = POLLIN}, /* -1 is passed over */
        {.fd = watch_stop ? stop_descriptor() : -1, .events = POLLIN},
    };
    int64_t next = ladder_next(&run->ladder);
    int64_t left = (next < run->attempt->due ? next : run->attempt->due) - duration_now();
    left = left > 0 ? left : 0;
    struct timespec limit = {left / DURATION_S, left % DURATION_S};
    if (ppoll(on, sizeof on / sizeof on[0], &limit, NULL) > 0 && on[1].revents)
        lines_read(&run->command->lines, &run->errors);
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
    verdict->timed_out = run->ladder.timed_out;
    if (run->ladder.timed_out) {
        verdict->kind = VERDICT_RETRY;
        snprintf(verdict->reason, sizeof verdict->reason, "timeout %s",
                 duration_format(run->command->options->job_timeout, limit));
    } else if (run->ladder.stopped) {
        verdict->kind = VERDICT_STOPPED;
    }
}

static void run_command(struct handler *handler, struct attempt *attempt, struct verdict *verdict)
{
    struct command *command = (struct command *)handler;
    const struct handler_options *options = command->options;
    struct run run = {.command = command, .attempt = attempt};
    ladder_begin(&run.ladder, attempt->began, options->job_timeout, options->grace,
                 options->kill_after);
    struct error error = {0};
    lines_begin(&command->lines,
                attempt->letter ? attempt->letter->seq : attempt->job->delivery.seq);
    if (start(command, attempt, &run, &error) < 0) {
        *verdict = (struct verdict){
            .kind = VERDICT_STOPPED, .exit_code = -1, .reason = VERDICT_NOT_STARTED};
        snprintf(verdict->error, sizeof verdict->error, "%.*s", VERDICT_ERROR_MAX - 1, error.text);
        return;
    }
    while (!wait_for_event(&run))
        look_at_clock(&run);
    if (ladder_is_ending(&run.ladder)) /* of its group none is to go on: the job comes again */
        process_signal(&run.process, SIGKILL);
    lines_read_rest(&command->lines, &run.errors);
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
    command->log = command->lines.log = log;
    command->environment = environment_open(error);
    if (command->environment)
        return &command->base;
    free(command);
    return NULL;
}
