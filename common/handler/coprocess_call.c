#include "handler/coprocess_call.h"

#include "base/clock.h"

#include <errno.h>
#include <unistd.h>

/* Terminates the process and reads no more of its output. */
static void break_off(struct coprocess_call *call, const char *fault)
{
    call->fault = fault;
    coprocess_close_end(&call->coprocess->output);
    supervisor_terminate(&call->coprocess->supervisor);
}

/* The process has closed a pipe, so it is probably exiting. Its status will tell why. */
static void await_exit(struct coprocess_call *call)
{
    kill_schedule_await_exit(&call->coprocess->supervisor.schedule, clock_now());
}

static bool is_terminating(const struct coprocess_call *call)
{
    return kill_schedule_is_terminating(&call->coprocess->supervisor.schedule);
}

static bool is_sending(const struct coprocess_call *call)
{
    return call->message && call->sent < call->message->length;
}

static void send_message(struct coprocess_call *call)
{
    ssize_t n = write(call->coprocess->input, call->message->bytes + call->sent,
                      call->message->length - call->sent);
    if (n > 0)
        call->sent += (size_t)n;
    else if (errno != EAGAIN && errno != EINTR)
        await_exit(call);
}

static void decode_answer(struct coprocess_call *call)
{
    struct coprocess *coprocess = call->coprocess;
    const char *fault = NULL;
    ssize_t length =
        coprocess->codec->read(coprocess->answer, coprocess->n_answer, &call->result, &fault);
    if (length == 0)
        return;
    if (length > 0 && call->result.seq != coprocess->supervisor.attempt->seq)
        fault = "it answered for another job";
    call->has_result = !fault;
    if (!fault && (size_t)length < coprocess->n_answer)
        fault = "it wrote more than one answer";
    if (!fault && is_sending(call))
        fault = "it answered before it had read the job";
    coprocess->n_answer = 0;
    if (fault)
        break_off(call, fault);
    else if (is_terminating(call)) /* it finished on SIGTERM, and gets no other job */
        coprocess_close_end(&coprocess->input);
}

bool coprocess_call_read(struct coprocess_call *call)
{
    struct coprocess *coprocess = call->coprocess;
    ssize_t n = read(coprocess->output, coprocess->answer + coprocess->n_answer,
                     COPROCESS_ANSWER_MAX - coprocess->n_answer);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return errno == EINTR;
    if (n <= 0) {
        coprocess_close_end(&coprocess->output);
        await_exit(call);
        return false;
    }
    coprocess->n_answer += (size_t)n;
    if (call->message && !call->has_result) {
        decode_answer(call);
    } else {
        coprocess->n_answer = 0;
        if (coprocess->supervisor.attempt && !call->message)
            break_off(call, "it wrote output that was not requested");
    }
    return coprocess->output >= 0;
}

/* Reads what the process wrote before it exited, but not endlessly: a child that it left behind may
 * go on writing. */
static void read_rest(struct coprocess_call *call)
{
    enum { PIPE_READS = 64 }; /* more than the largest pipe of an unprivileged user holds (1 MiB) */
    for (int i = 0; i < PIPE_READS && call->coprocess->output >= 0; i++)
        if (!coprocess_call_read(call))
            break;
}

void coprocess_call_begin(struct coprocess_call *call, const struct buffer *message)
{
    call->message = message;
    send_message(call);
}

void coprocess_call_wait(struct coprocess_call *call)
{
    struct coprocess *coprocess = call->coprocess;
    /* A pipe without a reader is always writable. */
    bool sends = is_sending(call) && !is_terminating(call);
    unsigned events =
        supervisor_wait(&coprocess->supervisor, coprocess->output, sends ? coprocess->input : -1);
    call->has_exited = events & SUPERVISOR_EXITED;
    if (call->has_exited)
        read_rest(call);
    else if (events & SUPERVISOR_READABLE)
        (void)coprocess_call_read(call);
    if (events & SUPERVISOR_WRITABLE && coprocess->input >= 0)
        send_message(call);
}
