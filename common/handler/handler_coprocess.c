#include "handler/handler_kind.h"

#include "base/clock.h"
#include "handler/coprocess_call.h"
#include "handler/environment.h"
#include "handler/handler.h"

#include <string.h>
#include <sys/ioctl.h>

struct coprocess_handler {
    struct handler base;
    struct environment *environment;
    struct coprocess coprocess;
    struct protocol_job job;
    struct buffer message; /* the job, encoded */
};

static int open_coprocess(struct handler *handler, struct error *error)
{
    struct coprocess_handler *self = (struct coprocess_handler *)handler;
    coprocess_init(&self->coprocess, handler->options, handler->log);
    self->environment = environment_open(error);
    return self->environment ? 0 : -1;
}

/* Closes the stdin of the process and waits for its exit. After `kill_after` it gets SIGTERM, and
 * SIGKILL after the same time again. */
static void end_process(struct coprocess_handler *self)
{
    struct supervisor *supervisor = &self->coprocess.supervisor;
    struct coprocess_call call = {.coprocess = &self->coprocess};
    struct verdict ignored = {0};
    int64_t limit = self->base.options->kill_after;
    supervisor->attempt = NULL;
    kill_schedule_begin(&supervisor->schedule, clock_now(), limit, limit, limit);
    coprocess_close_end(&self->coprocess.input);
    while (!call.has_exited)
        coprocess_call_wait(&call);
    coprocess_reap(&self->coprocess, &ignored);
}

static void close_coprocess(struct handler *handler)
{
    struct coprocess_handler *self = (struct coprocess_handler *)handler;
    if (coprocess_runs(&self->coprocess))
        end_process(self);
    environment_close(self->environment);
    protocol_job_release(&self->job);
    buffer_release(&self->message);
}

static void warn_of_restart(const struct coprocess_handler *self, const char *why)
{
    log_warn(self->base.log, "the handler is started again: %s", why);
}

/* Handles an exit of the process, or its output, since its last job; no job fails because of it. */
static void check_idle(struct coprocess_handler *self, struct coprocess_call *call)
{
    struct coprocess *coprocess = &self->coprocess;
    struct supervisor *supervisor = &coprocess->supervisor;
    struct verdict verdict = {0};
    unsigned events = supervisor_poll(supervisor, coprocess->output, -1);
    if (events & SUPERVISOR_READABLE)
        (void)coprocess_call_read(call);
    if (!(events & SUPERVISOR_EXITED) && !kill_schedule_is_terminating(&supervisor->schedule))
        return;
    while (!call->has_exited)
        coprocess_call_wait(call);
    coprocess_reap(coprocess, &verdict);
    kill_schedule_restart(&supervisor->schedule, clock_now(), 0);
    if (call->fault)
        warn_of_restart(self, call->fault);
    else if (verdict.exit_code != 0)
        warn_of_restart(self, verdict.reason);
}

static int start(struct coprocess_handler *self, const struct attempt *attempt, struct error *error)
{
    struct start_backoff *backoff = &self->base.shared->start_backoff;
    char *const *environment = environment_for_coprocess(self->environment, attempt);
    int result = coprocess_start(&self->coprocess, environment, error);
    if (result < 0)
        start_backoff_failed(backoff, self->base.log, error);
    else
        start_backoff_succeeded(backoff, self->base.log);
    return result;
}

/* Returns once a process is ready for a job. -1: it could not be started. */
static int ensure_process(struct coprocess_handler *self, struct attempt *attempt,
                          struct error *error)
{
    struct coprocess *coprocess = &self->coprocess;
    struct coprocess_call call = {.coprocess = coprocess};
    supervisor_begin(&coprocess->supervisor, attempt);
    if (coprocess_runs(coprocess))
        check_idle(self, &call);
    if (coprocess_runs(coprocess))
        return 0;
    do
        if (!start_backoff_wait(attempt, &coprocess->supervisor.schedule, coprocess->start_at))
            return -1;
    while (start(self, attempt, error) < 0);
    return 0;
}

/* Whether the process exited without reading the job, although it had answered earlier ones: some
 * handlers exit after a number of jobs. */
static bool is_unread(const struct coprocess_call *call)
{
    const struct supervisor *supervisor = &call->coprocess->supervisor;
    int unread = 0;
    if (!call->has_exited || call->has_result || call->fault || call->coprocess->n_jobs == 0 ||
        supervisor->schedule.timed_out || supervisor->schedule.stopped)
        return false;
    return call->sent == 0 ||
           (ioctl(call->coprocess->input, FIONREAD, &unread) == 0 && (size_t)unread == call->sent);
}

static void judge_result(const struct coprocess_call *call, struct verdict *verdict)
{
    const char *last_line = call->coprocess->supervisor.relay.last_line;
    *verdict = (struct verdict){.kind = call->result.kind, .exit_code = -1};
    strcpy(verdict->reason, verdict->kind == VERDICT_HOPELESS ? "hopeless" : "failed");
    snprintf(verdict->error, sizeof verdict->error, "%s",
             call->result.error[0] ? call->result.error : last_line);
}

/* Without a result the job has failed, even if the process exited with 0. */
static void judge_exit(const struct coprocess_call *call, struct verdict *verdict)
{
    verdict->kind = VERDICT_RETRY;
    if (call->fault) {
        strcpy(verdict->reason, "failed");
        snprintf(verdict->error, sizeof verdict->error, "%s", call->fault);
    } else if (verdict->exit_code == EX_DATAERR) {
        snprintf(verdict->reason, sizeof verdict->reason, "exit %d", EX_DATAERR);
    }
}

static void judge(struct coprocess_call *call, struct verdict *verdict)
{
    struct supervisor *supervisor = &call->coprocess->supervisor;
    call->coprocess->n_jobs += call->has_result;
    if (call->has_exited)
        coprocess_reap(call->coprocess, verdict);
    else
        stderr_relay_flush(&supervisor->relay);
    if (call->has_result)
        judge_result(call, verdict);
    else
        judge_exit(call, verdict);
    if (verdict->kind == VERDICT_RETRY)
        supervisor_explain(supervisor, verdict);
}

static int encode_job(struct coprocess_handler *self, const struct attempt *attempt,
                      struct error *error)
{
    buffer_reset(&self->message);
    self->job.keeps_bytes = self->coprocess.codec->keeps_bytes;
    if (protocol_job_from_attempt(&self->job, attempt) == 0)
        self->coprocess.codec->write(&self->message, &self->job.message);
    if (self->message.length > 0 && !self->message.failed)
        return 0;
    return error_set(error, EX_OSERR, "out of memory");
}

static void wait_for_result(struct coprocess_handler *self, struct coprocess_call *call)
{
    const struct supervisor *supervisor = &self->coprocess.supervisor;
    supervisor_begin_timeout(&self->coprocess.supervisor);
    coprocess_call_begin(call, &self->message);
    while (!call->has_exited &&
           (!call->has_result || kill_schedule_is_terminating(&supervisor->schedule)))
        coprocess_call_wait(call);
}

static void run_coprocess(struct handler *handler, struct attempt *attempt, struct verdict *verdict)
{
    struct coprocess_handler *self = (struct coprocess_handler *)handler;
    struct error error = {0};
    struct coprocess_call call;
    bool again = true;
    int result = encode_job(self, attempt, &error);
    while (result == 0 && again) {
        call = (struct coprocess_call){.coprocess = &self->coprocess};
        result = ensure_process(self, attempt, &error);
        if (result == 0) {
            wait_for_result(self, &call);
            again = is_unread(&call);
            judge(&call, verdict);
        }
    }
    if (result < 0)
        verdict_unstarted(verdict, error.text);
    else if (call.fault)
        warn_of_restart(self, call.fault);
}

const struct handler_kind handler_coprocess = {sizeof(struct coprocess_handler), run_coprocess,
                                               open_coprocess, close_coprocess};
