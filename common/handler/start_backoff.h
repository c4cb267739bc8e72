/* start_backoff: what is done when a handler cannot be started (no process, no memory, the program
 * is being replaced). The job is not to blame: it stays in flight with its lease renewed, so no
 * further attempt is spent, its slot takes no other job, and the start is tried again. */
#ifndef NATSQ_START_BACKOFF_H
#define NATSQ_START_BACKOFF_H

#include "base/log.h"
#include "handler/attempt.h"
#include "handler/kill_schedule.h"

#include <stdatomic.h>

/* Shared by the handlers of a program; starts as zeros. */
struct start_backoff {
    atomic_bool is_failing;
};

/* Log the beginning and the end of an episode of failed starts. From any thread. */
void start_backoff_failed(struct start_backoff *start_backoff, const struct log *log,
                          const struct error *error);
void start_backoff_succeeded(struct start_backoff *start_backoff, const struct log *log);

/* The pause after a failed start that followed a pause of `last` ns: doubled, 100 ms to 5 s. */
int64_t start_backoff_next_pause(int64_t last);

/* Waits for the time of the next start, `at`, and renews the lease meanwhile. False: no start
 * follows, because the lease is lost or a stop was requested. A last attempt goes on through the
 * grace of `ladder`, or the job would be dead without having run. */
bool start_backoff_wait(struct attempt *attempt, struct kill_schedule *schedule, int64_t at);

#endif
