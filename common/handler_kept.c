#include "handler.h"

#include "duration.h"
#include "environment.h"
#include "kept.h"
#include "kept_process.h"
#include "ladder.h"
#include "stop.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { ANSWERS_MAX = KEPT_RESULT_MAX + 16 }; /* a Result and what stands around it */

struct kept {
    struct handler base;
    const struct handler_options *options;
    const struct log *log;
    const struct kept_codec *codec;
    struct environment *environment;
    struct kept_job job;
    struct buffer message; /* the job's */
    char *answers;         /* ANSWERS_MAX bytes */
    size_t n_answers;      /* bytes read of them */
    struct lines lines;
    struct kept_process process;
};

/* What goes on between a job's way in and its answer, or until the process has ended. */
struct run {
    struct kept *kept;
    struct attempt *attempt; /* NULL at the close */
    struct ladder ladder;
    bool is_asked; /* the job is on its way, or there */
    size_t sent;   /* bytes of the message */
    struct kept_result result;
    const char *fault; /* what it did against the protocol */
    bool has_result, has_ended;
};

/* It has to go: SIGTERM now, SIGKILL later. What it says from here on is not read. */
static void break_off(struct run *run, const char *fault)
{
    run->fault = fault;
    kept_process_close_end(&run->kept->process.output);
    if (!ladder_is_ending(&run->ladder))
        process_signal(&run->kept->process.process, SIGTERM);
    ladder_end(&run->ladder, duration_now());
}

/* It closed a pipe, as one that ends does: its status tells why. */
static void let_end(struct run *run)
{
    ladder_end(&run->ladder, duration_now());
}

static void write_job(struct run *run)
{
    const struct buffer *message = &run->kept->message;
    ssize_t n =
        write(run->kept->process.input, message->bytes + run->sent, message->used - run->sent);
    if (n > 0)
        run->sent += (size_t)n;
    else if (errno != EAGAIN && errno != EINTR)
        let_end(run);
}

static void take_answer(struct run *run)
{
    struct kept *kept = run->kept;
    const char *fault = NULL;
    ssize_t length = kept->codec->read(kept->answers, kept->n_answers, &run->result, &fault);
    if (length == 0)
        return;
    if (length > 0 && run->result.seq != kept->job.message.seq)
        fault = "it answers about another job";
    run->has_result = !fault;
    if (!fault && (size_t)length < kept->n_answers)
        fault = "it wrote more than one answer";
    if (!fault && run->sent < kept->message.used)
        fault = "it answered before it had read the job";
    kept->n_answers = 0;
    if (fault)
        break_off(run, fault);
    else if (ladder_is_ending(&run->ladder)) /* it finished on SIGTERM: no more comes */
        kept_process_close_end(&kept->process.input);
}

/* True while there may be more. */
static bool read_answer(struct run *run)
{
    struct kept *kept = run->kept;
    ssize_t n =
        read(kept->process.output, kept->answers + kept->n_answers, ANSWERS_MAX - kept->n_answers);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return errno == EINTR;
    if (n <= 0) {
        kept_process_close_end(&kept->process.output);
        let_end(run);
        return false;
    }
    kept->n_answers += (size_t)n;
    if (run->is_asked && !run->has_result) {
        take_answer(run);
    } else {
        kept->n_answers = 0;
        if (run->attempt && !run->is_asked)
            break_off(run, "it wrote what nobody asked for");
    }
    return kept->process.output >= 0;
}

/* One wait for whatever comes first. The order matters: what it wrote on stderr before its answer
 * is there when the answer is, and its answer when it has ended. */
static void wait_for_event(struct run *run)
{
    struct kept *kept = run->kept;
    bool writes = run->is_asked && run->sent < kept->message.used &&
                  !ladder_is_ending(&run->ladder); /* a pipe without a reader is always writable */
    bool watch_stop = run->ladder.grace_ends == INT64_MAX;
    struct pollfd on[] = {
        {.fd = kept->process.process.pidfd, .events = POLLIN},
        {.fd = kept->process.output, .events = POLLIN}, /* -1 is passed over */
        {.fd = kept->process.errors, .events = POLLIN},
        {.fd = writes ? kept->process.input : -1, .events = POLLOUT},
        {.fd = watch_stop ? stop_descriptor() : -1, .events = POLLIN},
    };
    int64_t when = ladder_next(&run->ladder);
    if (run->attempt && run->attempt->due < when)
        when = run->attempt->due;
    int64_t left = when - duration_now();
    left = left > 0 ? left : 0;
    struct timespec limit = {left / DURATION_S, left % DURATION_S};
    if (ppoll(on, sizeof on / sizeof on[0], &limit, NULL) <= 0)
        return;
    if (on[2].revents)
        lines_read(&kept->lines, &kept->process.errors);
    run->has_ended = on[0].revents != 0;
    if (on[1].revents || run->has_ended)
        while (kept->process.output >= 0 && read_answer(run) && run->has_ended)
            ;
    if (on[3].revents && kept->process.input >= 0)
        write_job(run);
}

static void look_at_clock(struct run *run)
{
    int64_t now = duration_now();
    if (run->attempt && now >= run->attempt->due)
        attempt_renew(run->attempt);
    switch (ladder_climb(&run->ladder, now, stop_requested())) {
    case LADDER_TERMINATE:
        process_signal(&run->kept->process.process, SIGTERM);
        break;
    case LADDER_KILL:
        process_signal(&run->kept->process.process, SIGKILL);
        break;
    case LADDER_STAY:
        break;
    }
}

static void wait_for_end(struct run *run)
{
    while (!run->has_ended) {
        wait_for_event(run);
        look_at_clock(run);
    }
}

/* Sees to a process that ended, or wrote something, since its last job: nobody's job fails. */
static void look_at_idle(struct run *run)
{
    struct kept *kept = run->kept;
    struct verdict verdict = {0};
    struct pollfd on[] = {
        {.fd = kept->process.process.pidfd, .events = POLLIN},
        {.fd = kept->process.output, .events = POLLIN},
        {.fd = kept->process.errors, .events = POLLIN},
    };
    if (poll(on, sizeof on / sizeof on[0], 0) <= 0)
        return;
    if (on[2].revents)
        lines_read(&kept->lines, &kept->process.errors);
    if (on[1].revents)
        read_answer(run);
    if (!on[0].revents && !ladder_is_ending(&run->ladder))
        return;
    wait_for_end(run);
    kept_process_release(&kept->process, &kept->lines, &verdict);
    if (run->fault)
        log_warn(kept->log, "the handler is started again: %s", run->fault);
    else if (verdict.exit_code != 0)
        log_warn(kept->log, "the handler is started again: %s", verdict.reason);
}

/* True when a stop came first. */
static bool wait_for_start(struct run *run)
{
    struct attempt *attempt = run->attempt;
    for (int64_t now; (now = duration_now()) < run->kept->process.start_at;) {
        int64_t until =
            attempt->due < run->kept->process.start_at ? attempt->due : run->kept->process.start_at;
        if (until <= now)
            attempt_renew(attempt);
        else if (stop_wait(until - now))
            return true;
    }
    return false;
}

/* A process that waits for a job. 1: a stop was requested before there was one. */
static int get_ready(struct run *run, struct error *error)
{
    struct kept *kept = run->kept;
    const struct handler_options *options = kept->options;
    ladder_begin(&run->ladder, 0, 0, options->grace, options->kill_after);
    if (kept_process_runs(&kept->process))
        look_at_idle(run);
    if (kept_process_runs(&kept->process))
        return 0;
    if (wait_for_start(run))
        return 1;
    kept->n_answers = 0;
    return kept_process_start(&kept->process, options->program, options->command,
                              environment_for_all(kept->environment, run->attempt), error);
}

static void ask(struct run *run)
{
    const struct handler_options *options = run->kept->options;
    ladder_begin(&run->ladder, duration_now(), options->job_timeout, options->grace,
                 options->kill_after);
    run->is_asked = true;
    write_job(run);
    while (!run->has_ended && (!run->has_result || ladder_is_ending(&run->ladder))) {
        wait_for_event(run);
        look_at_clock(run);
    }
}

/* One that has worked before and ended without reading this job, as some do after so many jobs. */
static bool is_unread(const struct run *run)
{
    int left = 0;
    if (!run->has_ended || run->has_result || run->fault || run->kept->process.finished == 0 ||
        run->ladder.timed_out || run->ladder.stopped)
        return false;
    return run->sent == 0 ||
           (ioctl(run->kept->process.input, FIONREAD, &left) == 0 && (size_t)left == run->sent);
}

static void judge_result(const struct run *run, struct verdict *verdict)
{
    *verdict = (struct verdict){.kind = run->result.kind, .exit_code = -1};
    if (verdict->kind == VERDICT_HOPELESS)
        strcpy(verdict->reason, "hopeless");
    else
        strcpy(verdict->reason, "failed");
}

/* Without a result the job has failed, also when the process ended with 0. */
static void judge_end(const struct run *run, struct verdict *verdict)
{
    verdict->kind = VERDICT_RETRY;
    if (verdict->exit_code == EX_DATAERR)
        snprintf(verdict->reason, sizeof verdict->reason, "exit %d", EX_DATAERR);
    if (run->fault)
        strcpy(verdict->reason, "failed");
}

static void judge(struct run *run, struct verdict *verdict)
{
    struct kept *kept = run->kept;
    const char *error = kept->lines.last;
    char limit[DURATION_TEXT_MAX];
    if (run->has_ended)
        kept_process_release(&kept->process, &kept->lines, verdict);
    else
        lines_end(&kept->lines);
    if (run->has_result)
        judge_result(run, verdict);
    else
        judge_end(run, verdict);
    if (run->has_result && run->result.error[0])
        error = run->result.error;
    else if (!run->has_result && run->fault)
        error = run->fault;
    snprintf(verdict->error, sizeof verdict->error, "%s", error);
    if (verdict->kind != VERDICT_RETRY)
        return;
    verdict->timed_out = run->ladder.timed_out;
    if (run->ladder.timed_out)
        snprintf(verdict->reason, sizeof verdict->reason, "timeout %s",
                 duration_format(kept->options->job_timeout, limit));
    else if (run->ladder.stopped)
        verdict->kind = VERDICT_STOPPED;
}

static void fail(struct verdict *verdict, const struct error *error)
{
    *verdict =
        (struct verdict){.kind = VERDICT_STOPPED, .exit_code = -1, .reason = VERDICT_NOT_STARTED};
    snprintf(verdict->error, sizeof verdict->error, "%.*s", VERDICT_ERROR_MAX - 1, error->text);
}

static int write_message(struct kept *kept, const struct attempt *attempt, struct error *error)
{
    buffer_reset(&kept->message);
    if (kept_job_from(&kept->job, attempt) == 0)
        kept->codec->write(&kept->message, &kept->job.message);
    if (kept->message.used > 0 && !kept->message.failed)
        return 0;
    return error_set(error, EX_OSERR, "out of memory");
}

static void run_kept(struct handler *handler, struct attempt *attempt, struct verdict *verdict)
{
    struct kept *kept = (struct kept *)handler;
    struct error error = {0};
    struct run run;
    bool again;
    if (write_message(kept, attempt, &error) < 0) {
        fail(verdict, &error);
        return;
    }
    do {
        run = (struct run){.kept = kept, .attempt = attempt};
        int ready = get_ready(&run, &error);
        if (ready < 0) {
            fail(verdict, &error);
            return;
        }
        if (ready > 0) {
            *verdict = (struct verdict){.kind = VERDICT_STOPPED, .exit_code = -1};
            return;
        }
        run.has_ended = false;
        run.fault = NULL;
        lines_begin(&kept->lines, kept->job.message.seq);
        ask(&run);
        again = is_unread(&run);
        kept->process.finished += run.has_result;
        judge(&run, verdict);
    } while (again);
    if (run.fault)
        log_warn(kept->log, "the handler is started again: %s", run.fault);
}

static void close_kept(struct handler *handler)
{
    struct kept *kept = (struct kept *)handler;
    const struct handler_options *options = kept->options;
    struct run run = {.kept = kept};
    struct verdict verdict = {0};
    if (kept_process_runs(&kept->process)) {
        /* The end of its stdin tells it; one that does not hear is told louder. */
        ladder_begin(&run.ladder, duration_now(), options->kill_after, options->kill_after,
                     options->kill_after);
        kept_process_close_end(&kept->process.input);
        wait_for_end(&run);
        kept_process_release(&kept->process, &kept->lines, &verdict);
    }
    environment_close(kept->environment);
    kept_job_release(&kept->job);
    buffer_release(&kept->message);
    free(kept->answers);
    free(kept);
}

struct handler *handler_open_kept(const struct handler_options *options, const struct log *log,
                                  struct error *error)
{
    struct kept *kept = calloc(1, sizeof *kept);
    if (kept)
        kept->answers = malloc(ANSWERS_MAX);
    if (!kept || !kept->answers) {
        free(kept);
        error_set(error, EX_OSERR, "out of memory");
        return NULL;
    }
    kept->base = (struct handler){run_kept, close_kept};
    kept->options = options;
    kept->log = kept->lines.log = log;
    kept->codec = options->keep == HANDLER_KEEP_JSONL ? &kept_jsonl : &kept_protobuf;
    kept_process_init(&kept->process);
    kept->environment = environment_open(error);
    if (kept->environment)
        return &kept->base;
    close_kept(&kept->base);
    return NULL;
}
