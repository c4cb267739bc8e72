#include "handler/coprocess.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "handler/start_backoff.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

void coprocess_init(struct coprocess *coprocess, const struct handler_options *options,
                    const struct log *log)
{
    coprocess->codec = options->keep == HANDLER_KEEP_JSONL ? &protocol_jsonl : &protocol_protobuf;
    coprocess->input = coprocess->output = -1;
    supervisor_init(&coprocess->supervisor, options, log);
}

bool coprocess_runs(const struct coprocess *coprocess)
{
    return coprocess->supervisor.process.pid != 0;
}

void coprocess_close_end(int *end)
{
    if (*end >= 0)
        close(*end);
    *end = -1;
}

static void close_and_postpone_start(struct coprocess *coprocess)
{
    coprocess_close_end(&coprocess->input);
    coprocess_close_end(&coprocess->output);
    stderr_relay_close(&coprocess->supervisor.relay);
    coprocess->pause = coprocess->n_jobs > 0 ? 0 : start_backoff_next_pause(coprocess->pause);
    coprocess->start_at = clock_now() + coprocess->pause;
}

int coprocess_start(struct coprocess *coprocess, char *const *environment, struct error *error)
{
    struct supervisor *supervisor = &coprocess->supervisor;
    _cleanup_(cleanup_fd) int input = -1, output = -1, errors = -1;
    bool has_pipes = spawn_pipe(&coprocess->input, &input, true) == 0 &&
                     spawn_pipe(&coprocess->output, &output, false) == 0 &&
                     spawn_pipe(&supervisor->relay.pipe, &errors, false) == 0;
    if (!has_pipes)
        error_set(error, EX_OSERR, "cannot create pipes for a handler: %s", strerror(errno));
    const struct spawn_request request = {
        .program = supervisor->options->program,
        .arguments = supervisor->options->command,
        .environment = environment,
        .input = input,
        .output = output,
        .errors = errors,
    };
    coprocess->n_answer = 0;
    coprocess->n_jobs = 0;
    if (has_pipes && spawn(&request, &supervisor->process, error) == 0)
        return 0;
    close_and_postpone_start(coprocess);
    return -1;
}

void coprocess_reap(struct coprocess *coprocess, struct verdict *verdict)
{
    supervisor_reap(&coprocess->supervisor, verdict);
    close_and_postpone_start(coprocess);
}
