/* start_backoff: the pauses before another start of a handler that could not be started (out of
 * processes or memory, or the program is being replaced). The job is not to blame: it stays in
 * flight with its lease renewed, so that it costs no attempt, and its slot takes no other job. */
#ifndef NATSQ_START_BACKOFF_H
#define NATSQ_START_BACKOFF_H

#include "base/log.h"
#include "handler/attempt.h"
#include "handler/kill_schedule.h"

#include <stdatomic.h>

/* Shared by the handlers of a program; initialize it with zeros. */
struct start_backoff {
    atomic_bool is_failing;
};

/* Log the beginning and the end of an episode of failed starts. Any thread. */
void start_backoff_failed(struct start_backoff *start_backoff, const struct log *log,
                          const struct error *error);
void start_backoff_succeeded(struct start_backoff *start_backoff, const struct log *log);

/* The pause after a failed start: twice `last`, the pause before it (0: none), from 100 ms to 5 s.
 * In ns. */
int64_t start_backoff_next_pause(int64_t last);

/* Waits until `at`, the time of the next start, and renews the lease meanwhile. False: the lease
 * has expired or a stop was requested, so no start follows. On a last attempt, starts continue
 * during the grace period of `schedule`; otherwise the job would be dead without having run. */
bool start_backoff_wait(struct attempt *attempt, struct kill_schedule *schedule, int64_t at);

#endif
