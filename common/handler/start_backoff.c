#include "handler/start_backoff.h"

#include "base/clock.h"
#include "base/duration.h"
#include "base/stop.h"

#include <time.h>

static const int64_t least_pause = 100 * DURATION_MS;
static const int64_t longest_pause = 5 * DURATION_S;

void start_backoff_failed(struct start_backoff *start_backoff, const struct log *log,
                          const struct error *error)
{
    if (!atomic_exchange(&start_backoff->is_failing, true))
        log_warn(log, "%s; no job is taken or returned until the handler can be started",
                 error->text);
}

void start_backoff_succeeded(struct start_backoff *start_backoff, const struct log *log)
{
    if (atomic_load_explicit(&start_backoff->is_failing, memory_order_relaxed) &&
        atomic_exchange(&start_backoff->is_failing, false))
        log_info(log, "the handler can be started again");
}

int64_t start_backoff_next_pause(int64_t last)
{
    if (last == 0)
        return least_pause;
    return 2 * last < longest_pause ? 2 * last : longest_pause;
}

/* After a stop was requested stop_wait would return immediately. */
static void sleep_for(int64_t ns)
{
    const struct timespec time = {ns / DURATION_S, ns % DURATION_S};
    if (stop_requested())
        nanosleep(&time, NULL); /* fails immediately if `ns` is negative */
    else if (ns > 0)
        (void)stop_wait(ns);
}

static int64_t earlier(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

bool start_backoff_wait(struct attempt *attempt, struct kill_schedule *schedule, int64_t at)
{
    for (int64_t now; (now = clock_now()) < at;) {
        bool is_stopping = stop_requested();
        if (attempt_lease_expired(attempt) || (is_stopping && !attempt_is_last(attempt)) ||
            kill_schedule_due(schedule, now, is_stopping) != KILL_NOT_YET)
            return false;
        if (now >= attempt->renew_at)
            attempt_renew_lease(attempt);
        sleep_for(earlier(at, earlier(attempt->renew_at, kill_schedule_next(schedule))) - now);
    }
    return true;
}
