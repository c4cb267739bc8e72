#include "doctor/doctor_checks.h"

#include "base/duration.h"
#include "dlq.h"
#include "doctor/doctor.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const char *plural(uint64_t n)
{
    return n == 1 ? "" : "s";
}

const char *doctor_worker_words(const struct consumer *consumer, char words[WORKER_WORDS_MAX])
{
    char word[SHELL_WORD_SIZE(CONSUMER_NAME_MAX)];
    const char *filter;
    size_t used = 0;
    for (size_t i = 0; (filter = consumer_filter(consumer, i)) && used < WORKER_WORDS_MAX; i++)
        used += (size_t)snprintf(words + used, WORKER_WORDS_MAX - used, "%s ",
                                 shell_word(filter, word, sizeof word));
    if (used < WORKER_WORDS_MAX)
        snprintf(words + used, WORKER_WORDS_MAX - used, "--durable %s",
                 shell_word(consumer->name, word, sizeof word));
    return words;
}

static const char *quiet_text(const struct flow_report *report, char text[DURATION_TEXT_MAX + 32])
{
    char age[DURATION_TEXT_MAX];
    if (report->quiet < 0)
        snprintf(text, DURATION_TEXT_MAX + 32, "never seen");
    else
        snprintf(text, DURATION_TEXT_MAX + 32, "last seen %s ago",
                 duration_age_text(report->quiet, age));
    return text;
}

/* As the README recommends: a worker that is started must not empty the queue into the DLQ stream
 * where the breakers of those that run are open for a good reason. */
static const char breaker[] = "--breaker 10";

static void report_no_worker(struct doctor *doctor, const struct consumer *consumer,
                             const struct durable_state *state, const struct flow_report *report)
{
    char quiet[DURATION_TEXT_MAX + 32], words[WORKER_WORDS_MAX];
    doctor_report(doctor, HEALTH_CRITICAL,
                  "consumer %s: %" PRIu64 " pending job%s, %" PRIu64
                  " in flight, and no worker requests jobs (%s): none runs, or the breaker of "
                  "those that run is open",
                  consumer->name, state->pending, plural(state->pending), state->ack_pending,
                  quiet_text(report, quiet));
    doctor_advise(doctor, "start its workers, or see in the log of those that run why jobs fail");
    doctor_command(doctor, "consumer", "%s %s %s -- COMMAND", doctor->origin_word,
                   doctor_worker_words(consumer, words), breaker);
}

/* Whether its handlers hang or take long cannot be seen. */
static void report_busy(struct doctor *doctor, const struct consumer *consumer,
                        const struct durable_state *state, const struct flow_report *report)
{
    char stuck[DURATION_TEXT_MAX], words[WORKER_WORDS_MAX];
    enum threshold_level level =
        threshold_level(&doctor->dlq->options->thresholds, THRESHOLD_QUIET, report->stuck);
    doctor_report(doctor, (enum health)level,
                  "consumer %s: %" PRIu64 " pending job%s, %" PRIu64
                  " in flight, and no worker has a free slot; none was done for %s%s",
                  consumer->name, state->pending, plural(state->pending), state->ack_pending,
                  duration_age_text(report->stuck, stuck),
                  level == THRESHOLD_GOOD
                      ? ""
                      : ": their handlers hang or take long, or their breaker is open");
    if (level == THRESHOLD_GOOD)
        return;
    doctor_advise(doctor, "start a worker with a time limit, and restart those that hang");
    doctor_command(doctor, "consumer", "%s %s --job-timeout 5m %s -- COMMAND", doctor->origin_word,
                   doctor_worker_words(consumer, words), breaker);
}

static void report_pace(struct doctor *doctor, const struct consumer *consumer,
                        const struct durable_state *state, const struct flow_report *report)
{
    char left[DURATION_TEXT_MAX], pace[DURATION_TEXT_MAX + 64];
    if (report->rate <= 0)
        snprintf(pace, sizeof pace, "jobs are delivered, but none was done meanwhile");
    else
        snprintf(pace, sizeof pace, "%.*f jobs/s, %s left at this pace", report->rate < 10 ? 1 : 0,
                 report->rate, duration_age_text(report->left, left));
    doctor_report(doctor, HEALTH_GOOD,
                  "consumer %s: %" PRIu64 " pending job%s, %" PRIu64 " in flight: %s%s",
                  consumer->name, state->pending, plural(state->pending), state->ack_pending, pace,
                  report->grows ? "; more arrive than are done" : "");
}

static void report_slow(struct doctor *doctor, const struct consumer *consumer,
                        const struct durable_state *state, const struct flow_report *report)
{
    char quiet[DURATION_TEXT_MAX + 32];
    doctor_report(doctor, HEALTH_GOOD,
                  "consumer %s: %" PRIu64 " pending job%s, processed slowly (a worker was %s)",
                  consumer->name, state->pending, plural(state->pending),
                  quiet_text(report, quiet));
}

static void check_limit(struct doctor *doctor, const struct consumer *consumer,
                        const struct durable_state *state)
{
    char name[SHELL_WORD_SIZE(CONSUMER_NAME_MAX)];
    if (state->max_ack_pending <= 0 || (int64_t)state->ack_pending < state->max_ack_pending)
        return;
    doctor_report(doctor, HEALTH_WARNING,
                  "consumer %s has reached its limit of %" PRId64
                  " unacknowledged jobs (max-ack-pending)",
                  consumer->name, state->max_ack_pending);
    doctor_command(doctor, "nats", "consumer edit %s %s -f --max-pending=%" PRId64,
                   doctor->origin_word, shell_word(consumer->name, name, sizeof name),
                   state->max_ack_pending < 10000 / 2 ? 10000 : 2 * state->max_ack_pending);
}

static void check_worker(struct doctor *doctor, const struct consumer *consumer,
                         const struct watched *watched)
{
    const struct durable_state *state = &watched->after.state;
    struct flow_report report = flow_judge(&watched->before, &watched->after, false);
    check_limit(doctor, consumer, state);
    if (report.flow == FLOW_NO_WORKER || report.flow == FLOW_GONE)
        report_no_worker(doctor, consumer, state, &report);
    else if (report.flow == FLOW_BUSY)
        report_busy(doctor, consumer, state, &report);
    else if (report.flow == FLOW_MOVES)
        report_pace(doctor, consumer, state, &report);
    else if (report.flow == FLOW_SLOW)
        report_slow(doctor, consumer, state, &report);
}

void doctor_check_stalled(struct doctor *doctor)
{
    for (size_t i = 0; i < doctor->origin_consumers.n; i++)
        check_worker(doctor, &doctor->origin_consumers.items[i], &doctor->workers[i]);
}

/* How many jobs there are, and how old the oldest is. */
void doctor_check_backlog(struct doctor *doctor)
{
    const struct thresholds *thresholds = &doctor->dlq->options->thresholds;
    struct queue_jobs jobs = queue_look_jobs(&doctor->queue);
    char age[DURATION_TEXT_MAX], oldest[DURATION_TEXT_MAX + 32] = "";
    if (!jobs.is_known)
        return;
    int64_t old = jobs.oldest > 0 ? doctor->queue.time - jobs.oldest : 0;
    if (jobs.oldest > 0)
        snprintf(oldest, sizeof oldest, ", the oldest is %s old", duration_age_text(old, age));
    enum threshold_level level = threshold_level(thresholds, THRESHOLD_AGE, old);
    enum threshold_level by_number =
        threshold_level(thresholds, THRESHOLD_PENDING, (int64_t)jobs.pending);
    if (by_number > level)
        level = by_number;
    doctor_report(doctor, (enum health)level, "%" PRIu64 " job%s pending, %" PRIu64 " in flight%s",
                  jobs.pending, plural(jobs.pending), jobs.in_flight, oldest);
    if (level > THRESHOLD_GOOD)
        doctor_advise(doctor, "start more workers, or let each process more at a time "
                              "(--concurrency)");
}
