#include "handler/handler.h"

#include "base/clock.h"
#include "base/duration.h"
#include "base/stop.h"
#include "handler/coprocess_call.h"
#include "handler/environment.h"
#include "handler/executable.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

struct kept {
    struct handler base;
    const struct handler_options *options;
    struct handler_shared *shared;
    const struct log *log;
    struct environment *environment;
    struct coprocess_channel channel;
};

/* Sees to a process that ended, or wrote something, since its last job: nobody's job fails. */
static void look_at_idle(struct kept *kept, struct coprocess_call *turn)
{
    struct verdict verdict = {0};
    struct pollfd on[] = {
        {.fd = kept->channel.process.process.pidfd, .events = POLLIN},
        {.fd = kept->channel.process.output, .events = POLLIN},
        {.fd = kept->channel.process.errors, .events = POLLIN},
    };
    if (poll(on, sizeof on / sizeof on[0], 0) <= 0)
        return;
    if (on[2].revents)
        stderr_relay_read(&kept->channel.relay, &kept->channel.process.errors);
    if (on[1].revents)
        (void)coprocess_call_read(turn);
    if (!on[0].revents && !kill_schedule_is_terminating(&turn->schedule))
        return;
    while (!turn->has_ended)
        coprocess_call_step(turn);
    coprocess_call_release(turn, &verdict);
    if (turn->fault)
        log_warn(kept->log, "the handler is started again: %s", turn->fault);
    else if (verdict.exit_code != 0)
        log_warn(kept->log, "the handler is started again: %s", verdict.reason);
}

static int start(struct kept *kept, const struct attempt *attempt, struct error *error)
{
    const struct handler_options *options = kept->options;
    kept->channel.n_answers = 0;
    int result = coprocess_start(&kept->channel.process, options->program, options->command,
                                 environment_for_coprocess(kept->environment, attempt), error);
    if (result == 0) {
        start_backoff_succeeded(&kept->shared->start_backoff, kept->log);
        return 0;
    }
    executable_explain(options->program, error);
    start_backoff_failed(&kept->shared->start_backoff, kept->log, error);
    return -1;
}

/* A process that waits for a job. -1: there is none, and no further try. */
static int get_ready(struct kept *kept, struct coprocess_call *turn, struct error *error)
{
    const struct handler_options *options = kept->options;
    struct coprocess *process = &kept->channel.process;
    kill_schedule_begin(&turn->schedule, 0, 0, options->grace, options->kill_after);
    if (coprocess_runs(process))
        look_at_idle(kept, turn);
    if (coprocess_runs(process))
        return 0;
    do
        if (!start_backoff_wait(turn->attempt, &turn->schedule, process->start_at))
            return -1;
    while (start(kept, turn->attempt, error) < 0);
    return 0;
}

static void ask(struct kept *kept, struct coprocess_call *turn)
{
    kill_schedule_restart(&turn->schedule, clock_now(), kept->options->job_timeout);
    coprocess_call_begin(turn);
    while (!turn->has_ended && (!turn->has_result || kill_schedule_is_terminating(&turn->schedule)))
        coprocess_call_step(turn);
}

/* One that has worked before and ended without reading this job, as some do after so many jobs. */
static bool is_unread(const struct coprocess_call *turn)
{
    int left = 0;
    if (!turn->has_ended || turn->has_result || turn->fault ||
        turn->channel->process.finished == 0 || turn->schedule.timed_out || turn->schedule.stopped)
        return false;
    return turn->sent == 0 || (ioctl(turn->channel->process.input, FIONREAD, &left) == 0 &&
                               (size_t)left == turn->sent);
}

static void judge_result(const struct coprocess_call *turn, struct verdict *verdict)
{
    *verdict = (struct verdict){.kind = turn->result.kind, .exit_code = -1};
    if (verdict->kind == VERDICT_HOPELESS)
        strcpy(verdict->reason, "hopeless");
    else
        strcpy(verdict->reason, "failed");
}

/* Without a result the job has failed, also when the process ended with 0. */
static void judge_end(const struct coprocess_call *turn, struct verdict *verdict)
{
    verdict->kind = VERDICT_RETRY;
    if (verdict->exit_code == EX_DATAERR)
        snprintf(verdict->reason, sizeof verdict->reason, "exit %d", EX_DATAERR);
    if (turn->fault)
        strcpy(verdict->reason, "failed");
}

static void judge(struct kept *kept, struct coprocess_call *turn, struct verdict *verdict)
{
    const char *error = kept->channel.relay.last;
    char limit[DURATION_TEXT_MAX];
    if (turn->has_ended)
        coprocess_call_release(turn, verdict);
    else
        stderr_relay_flush(&kept->channel.relay);
    if (turn->has_result)
        judge_result(turn, verdict);
    else
        judge_end(turn, verdict);
    if (turn->has_result && turn->result.error[0])
        error = turn->result.error;
    else if (!turn->has_result && turn->fault)
        error = turn->fault;
    snprintf(verdict->error, sizeof verdict->error, "%s", error);
    if (verdict->kind != VERDICT_RETRY)
        return;
    verdict->timed_out = turn->schedule.timed_out;
    if (turn->schedule.timed_out) {
        snprintf(verdict->reason, sizeof verdict->reason, "timeout %s",
                 duration_format(kept->options->job_timeout, limit));
    } else if (turn->schedule.stopped) {
        verdict->kind = VERDICT_STOPPED;
        verdict->error[0] = '\0'; /* its last line on stderr is not the reason */
    }
}

static int write_message(struct kept *kept, const struct attempt *attempt, struct error *error)
{
    buffer_reset(&kept->channel.message);
    if (protocol_job_from_attempt(&kept->channel.job, attempt) == 0)
        kept->channel.codec->write(&kept->channel.message, &kept->channel.job.message);
    if (kept->channel.message.used > 0 && !kept->channel.message.failed)
        return 0;
    return error_set(error, EX_OSERR, "out of memory");
}

static void run_coprocess(struct handler *handler, struct attempt *attempt, struct verdict *verdict)
{
    struct kept *kept = (struct kept *)handler;
    struct error error = {0};
    struct coprocess_call turn;
    bool again;
    if (write_message(kept, attempt, &error) < 0) {
        verdict_unstarted(verdict, error.text);
        return;
    }
    do {
        turn = (struct coprocess_call){.channel = &kept->channel, .attempt = attempt};
        if (get_ready(kept, &turn, &error) < 0) {
            verdict_unstarted(verdict, error.text);
            return;
        }
        turn.has_ended = false;
        turn.fault = NULL;
        stderr_relay_begin(&kept->channel.relay, kept->channel.job.message.seq);
        ask(kept, &turn);
        again = is_unread(&turn);
        kept->channel.process.finished += turn.has_result;
        judge(kept, &turn, verdict);
    } while (again);
    if (turn.fault)
        log_warn(kept->log, "the handler is started again: %s", turn.fault);
}

static void close_coprocess(struct handler *handler)
{
    struct kept *kept = (struct kept *)handler;
    const struct handler_options *options = kept->options;
    struct coprocess_call turn = {.channel = &kept->channel};
    struct verdict verdict = {0};
    if (coprocess_runs(&kept->channel.process)) {
        /* The end of its stdin tells it; one that does not hear is told louder. */
        kill_schedule_begin(&turn.schedule, clock_now(), options->kill_after, options->kill_after,
                            options->kill_after);
        coprocess_close_end(&kept->channel.process.input);
        while (!turn.has_ended)
            coprocess_call_step(&turn);
        coprocess_call_release(&turn, &verdict);
    }
    environment_close(kept->environment);
    protocol_job_release(&kept->channel.job);
    buffer_release(&kept->channel.message);
    free(kept->channel.answers);
    free(kept);
}

struct handler *handler_open_coprocess(const struct handler_options *options,
                                       struct handler_shared *shared, const struct log *log,
                                       struct error *error)
{
    struct kept *kept = calloc(1, sizeof *kept);
    if (kept)
        kept->channel.answers = malloc(COPROCESS_ANSWERS_MAX);
    if (!kept || !kept->channel.answers) {
        free(kept);
        error_set(error, EX_OSERR, "out of memory");
        return NULL;
    }
    kept->base = (struct handler){run_coprocess, close_coprocess};
    kept->options = options;
    kept->shared = shared;
    kept->log = kept->channel.relay.log = log;
    kept->channel.codec =
        options->keep == HANDLER_KEEP_JSONL ? &protocol_jsonl : &protocol_protobuf;
    coprocess_init(&kept->channel.process);
    kept->environment = environment_open(error);
    if (kept->environment)
        return &kept->base;
    close_coprocess(&kept->base);
    return NULL;
}
