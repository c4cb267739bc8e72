#include "intake.h"

#include "base/clock.h"
#include "base/duration.h"
#include "base/stop.h"

#include <inttypes.h>

void intake_init(struct intake *intake, const struct breaker_rule *rule, const struct log *log)
{
    pthread_mutex_init(&intake->lock, NULL);
    breaker_init(&intake->breaker, rule);
    intake->log = log;
}

void intake_release(struct intake *intake)
{
    pthread_mutex_destroy(&intake->lock);
}

static bool may_probe(struct intake *intake)
{
    pthread_mutex_lock(&intake->lock);
    bool may = breaker_probe(&intake->breaker, clock_now());
    pthread_mutex_unlock(&intake->lock);
    return may;
}

bool intake_wait(struct intake *intake, int64_t ns)
{
    return may_probe(intake) || (!stop_wait(ns) && may_probe(intake));
}

/* A probe that could not be run is no success, and is tried again later. */
static enum breaker_event count(struct breaker *breaker, const struct verdict *verdict,
                                bool is_probe)
{
    bool has_failed = verdict->kind == VERDICT_RETRY || verdict->kind == VERDICT_HOPELESS;
    if (is_probe)
        return breaker_end_probe(breaker, verdict->kind != VERDICT_DONE, clock_now());
    if (has_failed || verdict->kind == VERDICT_DONE)
        return breaker_count(breaker, has_failed, clock_now());
    return BREAKER_NOTHING;
}

static void log_event_of(const struct intake *intake, enum breaker_event event, const char *reason)
{
    const struct breaker *breaker = &intake->breaker;
    char time[DURATION_TEXT_MAX];
    switch (event) {
    case BREAKER_OPENED:
        log_warn(intake->log,
                 "%zu of the last %zu attempts failed, the last with '%s': taking no more jobs, "
                 "except one at a time as a probe, until one succeeds",
                 breaker->n_failures, breaker->n_attempts, reason);
        break;
    case BREAKER_SLOWEST:
        log_warn(intake->log,
                 "%" PRIu64 " probes failed, the last with '%s': from now on one every %s",
                 breaker->probes, reason, duration_format(breaker->wait, time));
        break;
    case BREAKER_CLOSED:
        log_info(intake->log,
                 "probe %" PRIu64 " succeeded %s after the breaker opened: taking "
                 "jobs again",
                 breaker->probes, duration_age_text(clock_now() - breaker->opened_at, time));
        break;
    case BREAKER_NOTHING:
        break;
    }
}

void intake_count(struct intake *intake, const struct verdict *verdict, bool is_probe)
{
    pthread_mutex_lock(&intake->lock);
    enum breaker_event event = count(&intake->breaker, verdict, is_probe);
    log_event_of(intake, event, verdict->reason);
    if (event == BREAKER_OPENED)
        puller_pause(intake->puller);
    if (event == BREAKER_CLOSED)
        puller_resume(intake->puller);
    pthread_mutex_unlock(&intake->lock);
}
