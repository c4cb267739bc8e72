#include "handler/coprocess.h"

#include "base/clock.h"
#include "handler/start_backoff.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

void coprocess_init(struct coprocess *kept)
{
    *kept = (struct coprocess){.input = -1, .output = -1, .errors = -1};
}

bool coprocess_runs(const struct coprocess *kept)
{
    return kept->process.pid != 0;
}

void coprocess_close_end(int *end)
{
    if (*end >= 0)
        close(*end);
    *end = -1;
}

/* Its end blocks, as programs expect, ours does not. */
static int open_pipe(int *ours, int *its, bool we_write)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) < 0)
        return -1;
    *ours = ends[we_write ? 1 : 0];
    *its = ends[we_write ? 0 : 1];
    return fcntl(*ours, F_SETFL, O_NONBLOCK);
}

static void put_off_start(struct coprocess *kept)
{
    kept->pause = kept->finished > 0 ? 0 : start_backoff_next_pause(kept->pause);
    kept->start_at = clock_now() + kept->pause;
}

static void forget(struct coprocess *kept)
{
    kept->process.pid = 0;
    coprocess_close_end(&kept->input);
    coprocess_close_end(&kept->output);
    coprocess_close_end(&kept->errors);
    put_off_start(kept);
}

int coprocess_start(struct coprocess *kept, const char *program, char *const *arguments,
                    char *const *environment, struct error *error)
{
    _cleanup_(cleanup_fd) int input = -1, output = -1, errors = -1;
    bool has_pipes = open_pipe(&kept->input, &input, true) == 0 &&
                     open_pipe(&kept->output, &output, false) == 0 &&
                     open_pipe(&kept->errors, &errors, false) == 0;
    if (!has_pipes)
        error_set(error, EX_OSERR, "cannot make pipes for a handler: %s", strerror(errno));
    const struct spawn_request request = {program, arguments, environment, input, output, errors};
    kept->finished = 0;
    if (has_pipes && spawn(&request, &kept->process, error) == 0)
        return 0;
    forget(kept);
    return -1;
}

void coprocess_release(struct coprocess *kept, struct stderr_relay *relay, struct verdict *verdict)
{
    int code, status;
    stderr_relay_drain(relay, &kept->errors);
    stderr_relay_flush(relay);
    process_reap(&kept->process, &code, &status);
    verdict_of_exit(verdict, code, status);
    forget(kept);
}
