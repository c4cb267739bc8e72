#include "handler/supervisor.h"

#include "base/clock.h"
#include "base/duration.h"
#include "base/stop.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>

/* How often it looks for room in the output queue while a slow reader of stdout holds it up. */
static const int64_t room_check = 20 * DURATION_MS;

void supervisor_init(struct supervisor *supervisor, const struct handler_options *options,
                     const struct log *log)
{
    *supervisor = (struct supervisor){.options = options, .relay = {.log = log, .pipe = -1}};
    stdout_relay_init(&supervisor->output, options, NULL);
}

void supervisor_begin(struct supervisor *supervisor, struct attempt *attempt)
{
    const struct handler_options *options = supervisor->options;
    supervisor->attempt = attempt;
    supervisor->terminated = false;
    kill_schedule_begin(&supervisor->schedule, 0, 0, options->grace, options->kill_after);
}

void supervisor_begin_timeout(struct supervisor *supervisor)
{
    kill_schedule_restart(&supervisor->schedule, clock_now(), supervisor->options->job_timeout);
    stderr_relay_begin(&supervisor->relay, supervisor->attempt->seq);
    stdout_relay_begin(&supervisor->output, supervisor->attempt->seq);
}

void supervisor_terminate(struct supervisor *supervisor)
{
    if (!supervisor->terminated)
        process_signal(&supervisor->process, SIGTERM);
    supervisor->terminated = true;
    kill_schedule_await_exit(&supervisor->schedule, clock_now());
}

static void do_what_is_due(struct supervisor *supervisor)
{
    int64_t now = clock_now();
    if (supervisor->attempt && now >= supervisor->attempt->renew_at)
        attempt_renew_lease(supervisor->attempt);
    enum kill_step step = kill_schedule_due(&supervisor->schedule, now, stop_requested());
    if (step == KILL_SIGTERM)
        supervisor_terminate(supervisor);
    else if (step == KILL_SIGKILL)
        process_signal(&supervisor->process, SIGKILL);
}

/* Reads stderr before the caller handles an answer or the exit, so that the output of the process
 * is passed on before the event that followed it. */
static unsigned poll_until(struct supervisor *supervisor, int output, int input, int64_t when)
{
    struct stderr_relay *relay = &supervisor->relay;
    bool watch_stop = supervisor->schedule.grace_ends == INT64_MAX;
    struct pollfd on[] = {
        {.fd = supervisor->process.pidfd, .events = POLLIN},
        {.fd = output, .events = POLLIN}, /* -1 is ignored */
        {.fd = input, .events = POLLOUT},
        {.fd = relay->pipe, .events = POLLIN},
        {.fd = stdout_relay_readable(&supervisor->output), .events = POLLIN},
        {.fd = watch_stop ? stop_descriptor() : -1, .events = POLLIN},
    };
    int64_t left = when - clock_now();
    if (stdout_relay_is_full(&supervisor->output) && left > room_check)
        left = room_check;
    left = left > 0 ? left : 0;
    struct timespec limit = {left / DURATION_S, left % DURATION_S};
    if (ppoll(on, sizeof on / sizeof on[0], &limit, NULL) <= 0)
        return 0;
    if (on[3].revents)
        stderr_relay_read(relay);
    if (on[4].revents)
        stdout_relay_read(&supervisor->output);
    return (on[0].revents ? SUPERVISOR_EXITED : 0u) | (on[1].revents ? SUPERVISOR_READABLE : 0u) |
           (on[2].revents ? SUPERVISOR_WRITABLE : 0u);
}

unsigned supervisor_wait(struct supervisor *supervisor, int output, int input)
{
    do_what_is_due(supervisor);
    int64_t when = kill_schedule_next(&supervisor->schedule);
    if (supervisor->attempt && supervisor->attempt->renew_at < when)
        when = supervisor->attempt->renew_at;
    return poll_until(supervisor, output, input, when);
}

unsigned supervisor_poll(struct supervisor *supervisor, int output, int input)
{
    return poll_until(supervisor, output, input, 0);
}

void supervisor_reap(struct supervisor *supervisor, struct verdict *verdict)
{
    int code, status;
    if (supervisor->terminated) /* the job is redelivered, so nothing in its process group may keep
                                   running */
        process_signal(&supervisor->process, SIGKILL);
    supervisor->terminated = false;
    stderr_relay_close(&supervisor->relay);
    process_reap(&supervisor->process, &code, &status);
    verdict_of_exit(verdict, code, status);
    snprintf(verdict->error, sizeof verdict->error, "%s", supervisor->relay.last_line);
}

void supervisor_explain(const struct supervisor *supervisor, struct verdict *verdict)
{
    char limit[DURATION_TEXT_MAX];
    verdict->timed_out = supervisor->schedule.timed_out;
    if (verdict->timed_out) {
        verdict->kind = VERDICT_RETRY;
        snprintf(verdict->reason, sizeof verdict->reason, "timeout %s",
                 duration_format(supervisor->options->job_timeout, limit));
    } else if (supervisor->schedule.stopped) {
        verdict->kind = VERDICT_STOPPED;
        verdict->error[0] = '\0'; /* the last line on stderr is not the reason */
    }
}
