#include "handler/coprocess_call.h"

#include "base/clock.h"
#include "base/duration.h"
#include "base/stop.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

/* It has to go: SIGTERM now, SIGKILL later. What it says from here on is not read. */
static void break_off(struct coprocess_call *turn, const char *fault)
{
    turn->fault = fault;
    coprocess_close_end(&turn->channel->process.output);
    if (!kill_schedule_is_terminating(&turn->schedule))
        process_signal(&turn->channel->process.process, SIGTERM);
    kill_schedule_await_exit(&turn->schedule, clock_now());
}

/* It closed a pipe, as one that ends does: its status tells why. */
static void let_end(struct coprocess_call *turn)
{
    kill_schedule_await_exit(&turn->schedule, clock_now());
}

static void write_job(struct coprocess_call *turn)
{
    const struct buffer *message = &turn->channel->message;
    ssize_t n = write(turn->channel->process.input, message->bytes + turn->sent,
                      message->used - turn->sent);
    if (n > 0)
        turn->sent += (size_t)n;
    else if (errno != EAGAIN && errno != EINTR)
        let_end(turn);
}

static void take_answer(struct coprocess_call *turn)
{
    struct coprocess_channel *channel = turn->channel;
    const char *fault = NULL;
    ssize_t length =
        channel->codec->read(channel->answers, channel->n_answers, &turn->result, &fault);
    if (length == 0)
        return;
    if (length > 0 && turn->result.seq != channel->job.message.seq)
        fault = "it answers about another job";
    turn->has_result = !fault;
    if (!fault && (size_t)length < channel->n_answers)
        fault = "it wrote more than one answer";
    if (!fault && turn->sent < channel->message.used)
        fault = "it answered before it had read the job";
    channel->n_answers = 0;
    if (fault)
        break_off(turn, fault);
    else if (kill_schedule_is_terminating(
                 &turn->schedule)) /* it finished on SIGTERM: no more comes */
        coprocess_close_end(&channel->process.input);
}

bool coprocess_call_read(struct coprocess_call *turn)
{
    struct coprocess_channel *channel = turn->channel;
    ssize_t n = read(channel->process.output, channel->answers + channel->n_answers,
                     COPROCESS_ANSWERS_MAX - channel->n_answers);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return errno == EINTR;
    if (n <= 0) {
        coprocess_close_end(&channel->process.output);
        let_end(turn);
        return false;
    }
    channel->n_answers += (size_t)n;
    if (turn->is_asked && !turn->has_result) {
        take_answer(turn);
    } else {
        channel->n_answers = 0;
        if (turn->attempt && !turn->is_asked)
            break_off(turn, "it wrote what nobody asked for");
    }
    return channel->process.output >= 0;
}

/* Reads what it wrote before it ended, but not without end: a child that it left behind may go on
 * writing. */
static void read_rest(struct coprocess_call *turn)
{
    enum { PIPE_READS = 64 }; /* more than the largest pipe of an ordinary user, 1 MiB, holds */
    for (int i = 0; i < PIPE_READS && turn->channel->process.output >= 0; i++)
        if (!coprocess_call_read(turn))
            break;
}

/* One wait for whatever comes first. The order matters: what it wrote on stderr before its answer
 * is there when the answer is, and its answer when it has ended. */
static void wait_for_event(struct coprocess_call *turn)
{
    struct coprocess_channel *channel = turn->channel;
    bool writes = turn->is_asked && turn->sent < channel->message.used &&
                  !kill_schedule_is_terminating(
                      &turn->schedule); /* a pipe without a reader is always writable */
    bool watch_stop = turn->schedule.grace_ends == INT64_MAX;
    struct pollfd on[] = {
        {.fd = channel->process.process.pidfd, .events = POLLIN},
        {.fd = channel->process.output, .events = POLLIN}, /* -1 is passed over */
        {.fd = channel->process.errors, .events = POLLIN},
        {.fd = writes ? channel->process.input : -1, .events = POLLOUT},
        {.fd = watch_stop ? stop_descriptor() : -1, .events = POLLIN},
    };
    int64_t when = kill_schedule_next(&turn->schedule);
    if (turn->attempt && turn->attempt->renew_at < when)
        when = turn->attempt->renew_at;
    int64_t left = when - clock_now();
    left = left > 0 ? left : 0;
    struct timespec limit = {left / DURATION_S, left % DURATION_S};
    if (ppoll(on, sizeof on / sizeof on[0], &limit, NULL) <= 0)
        return;
    if (on[2].revents)
        stderr_relay_read(&channel->relay, &channel->process.errors);
    turn->has_ended = on[0].revents != 0;
    if (turn->has_ended)
        read_rest(turn);
    else if (on[1].revents)
        (void)coprocess_call_read(turn);
    if (on[3].revents && channel->process.input >= 0)
        write_job(turn);
}

static void look_at_clock(struct coprocess_call *turn)
{
    int64_t now = clock_now();
    if (turn->attempt && now >= turn->attempt->renew_at)
        attempt_renew_lease(turn->attempt);
    switch (kill_schedule_due(&turn->schedule, now, stop_requested())) {
    case KILL_SIGTERM:
        process_signal(&turn->channel->process.process, SIGTERM);
        break;
    case KILL_SIGKILL:
        process_signal(&turn->channel->process.process, SIGKILL);
        break;
    case KILL_NOT_YET:
        break;
    }
}

void coprocess_call_begin(struct coprocess_call *turn)
{
    turn->is_asked = true;
    write_job(turn);
}

void coprocess_call_step(struct coprocess_call *turn)
{
    wait_for_event(turn);
    look_at_clock(turn);
}

void coprocess_call_release(struct coprocess_call *turn, struct verdict *verdict)
{
    struct coprocess_channel *channel = turn->channel;
    /* Of its group none is to go on: the job comes again. */
    if (turn->fault || turn->schedule.timed_out || turn->schedule.stopped)
        process_signal(&channel->process.process, SIGKILL);
    coprocess_release(&channel->process, &channel->relay, verdict);
}
