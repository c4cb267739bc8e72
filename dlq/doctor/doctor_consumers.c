#include "doctor/doctor_checks.h"

#include "base/duration.h"
#include "base/subject.h"
#include "dlq.h"
#include "doctor/doctor.h"
#include "queue/stored_subjects.h"
#include "queue/stream.h"
#include "sweep/unmatched_jobs.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

/* Jobs that wait out a backoff count as pending acknowledgements: with a lower limit, a few bad
 * jobs stop the queue. */
enum { ACK_PENDING_LOW = 100 };

enum { CONSUMER_WORD_MAX = SHELL_WORD_SIZE(CONSUMER_NAME_MAX) };

/* A worker that changes the durable. */
static void advise_worker(struct doctor *doctor, const struct consumer *consumer,
                          const char *options)
{
    char words[WORKER_WORDS_MAX];
    doctor_command(doctor, "consumer", "%s %s %s --update -- COMMAND", doctor->origin_word,
                   doctor_worker_words(consumer, words), options);
}

/* The server counts them, since --attempts is refused as long as workers run. Fewer than the
 * steps of the backoff are refused, too. */
enum { ATTEMPTS = 5 };

static void check_attempts(struct doctor *doctor, const struct consumer *consumer)
{
    const struct durable_state *state = &consumer->state;
    if (state->attempts > 0) {
        doctor_report(doctor, HEALTH_GOOD,
                      "consumer %s: %" PRId64 " attempts, counted by the workers", consumer->name,
                      state->attempts);
    } else if (state->max_deliver > 0) {
        doctor_report(doctor, HEALTH_GOOD,
                      "consumer %s: %" PRId64 " attempts, counted by the server", consumer->name,
                      state->max_deliver);
    } else {
        doctor_report(
            doctor, HEALTH_WARNING,
            "consumer %s has no limit of attempts: a job that always fails is tried forever",
            consumer->name);
        char options[48];
        snprintf(options, sizeof options, "--max-deliver %d",
                 state->backoff.n > ATTEMPTS ? state->backoff.n : ATTEMPTS);
        advise_worker(doctor, consumer, options);
    }
}

static void check_backoff(struct doctor *doctor, const struct consumer *consumer)
{
    const struct durable_state *state = &consumer->state;
    char wait[DURATION_TEXT_MAX], name[CONSUMER_WORD_MAX];
    if (state->backoff.n == 0) {
        doctor_report(
            doctor, HEALTH_WARNING,
            "consumer %s has no backoff: the next attempt begins %s (ack-wait) after the last",
            consumer->name, duration_format(state->ack_wait, wait));
        advise_worker(doctor, consumer, "--backoff 5s,1m");
    }
    if (state->max_ack_pending > 0 && state->max_ack_pending < ACK_PENDING_LOW) {
        doctor_report(
            doctor, HEALTH_WARNING,
            "consumer %s allows %" PRId64
            " unacknowledged jobs (max-ack-pending): that many failed jobs in backoff stop it",
            consumer->name, state->max_ack_pending);
        doctor_command(doctor, "nats", "consumer edit %s %s -f --max-pending=10000",
                       doctor->origin_word, shell_word(consumer->name, name, sizeof name));
    }
}

static void advise_consumer(struct doctor *doctor)
{
    char word[SHELL_WORD_SIZE(256)];
    json_t *stored = stored_subjects(doctor->origin_config);
    const char *filter = json_string_value(json_array_get(stored, 0));
    doctor_command(doctor, "consumer", "%s %s -- COMMAND", doctor->origin_word,
                   shell_word(filter ? filter : ">", word, sizeof word));
    json_decref(stored);
}

void doctor_check_consumers(struct doctor *doctor)
{
    if (doctor->origin_consumers.n == 0) {
        int64_t jobs = stream_number(doctor->origin_info, "state", "messages");
        doctor_report(doctor, jobs > 0 ? HEALTH_CRITICAL : HEALTH_WARNING,
                      "stream %s has no consumer, so its jobs stay pending (%" PRId64 " now)",
                      doctor->origin, jobs);
        advise_consumer(doctor);
    }
    for (size_t i = 0; i < doctor->origin_consumers.n; i++) {
        (void)doctor_report_settings(doctor, SETTINGS_DURABLE, doctor->origin,
                                     doctor->origin_consumers.items[i].name,
                                     doctor->origin_consumers.items[i].config,
                                     doctor->origin_consumers.items[i].state.pending);
        check_attempts(doctor, &doctor->origin_consumers.items[i]);
        check_backoff(doctor, &doctor->origin_consumers.items[i]);
    }
}

static void report_unmatched_subjects(struct doctor *doctor, const json_t *stored)
{
    size_t i;
    json_t *subject;
    json_array_foreach(stored, i, subject)
    {
        const char *text = json_string_value(subject);
        if (strcmp(text, ">") != 0 && !consumer_list_covers(&doctor->origin_consumers, text)) {
            doctor_report(doctor, HEALTH_WARNING,
                          "no filter matches some subjects of %s: a job there would wait forever",
                          text);
            doctor_advise(doctor, "start a consumer for them under another --durable");
        }
    }
}

/* A consumer whose filter matches nothing that can be stored gets no job. */
static void report_useless_filters(struct doctor *doctor)
{
    char subjects[256], name[CONSUMER_WORD_MAX];
    for (size_t i = 0; i < doctor->origin_consumers.n; i++) {
        const struct consumer *consumer = &doctor->origin_consumers.items[i];
        const char *filter;
        for (size_t j = 0; (filter = consumer_filter(consumer, j)); j++)
            if (!stored_subjects_match(doctor->origin_config, filter)) {
                doctor_report(
                    doctor, HEALTH_WARNING,
                    "the filter %s of consumer %s matches nothing that the stream stores: %s",
                    filter, consumer->name,
                    stored_subjects_text(doctor->origin_config, subjects, sizeof subjects));
                doctor_advise(
                    doctor, "start its workers with another filter and --durable, then remove it");
                doctor_command(doctor, "nats", "consumer rm %s %s -f", doctor->origin_word,
                               shell_word(consumer->name, name, sizeof name));
            }
    }
}

static void report_unmatched_jobs(struct doctor *doctor, const struct unmatched_jobs *unmatched)
{
    char subject[SHELL_WORD_SIZE(sizeof unmatched->example)];
    doctor_report(doctor, HEALTH_CRITICAL,
                  "%" PRIu64
                  " %s no consumer's filter, e.g. on subject %s: no worker will ever receive %s",
                  unmatched->count, unmatched->count == 1 ? "job matches" : "jobs match",
                  unmatched->example, unmatched->count == 1 ? "it" : "them");
    doctor_advise(doctor, "start a consumer for them under another --durable");
    doctor_command(doctor, "consumer", "%s %s --durable NAME -- COMMAND", doctor->origin_word,
                   shell_word(unmatched->example, subject, sizeof subject));
}

void doctor_check_filters(struct doctor *doctor)
{
    struct unmatched_jobs unmatched;
    struct error error = {0};
    size_t before = doctor->n;
    if (doctor->origin_consumers.n == 0)
        return;
    json_t *stored = stored_subjects(doctor->origin_config);
    if (unmatched_jobs_count(&unmatched, doctor->requester, doctor->origin, stored,
                             &doctor->origin_consumers, &error) < 0)
        doctor_report(doctor, HEALTH_WARNING, "%s", error.text);
    else if (unmatched.count > 0)
        report_unmatched_jobs(doctor, &unmatched);
    else
        report_unmatched_subjects(doctor, stored);
    json_decref(stored);
    report_useless_filters(doctor);
    if (doctor->n == before)
        doctor_report(doctor, HEALTH_GOOD, "every subject of %s has a consumer", doctor->origin);
}

static void check_handler(struct doctor *doctor, const struct dlq_durable *wanted)
{
    const struct consumer *consumer = consumer_list_find(&doctor->dlq_consumers, wanted->name);
    char name[SHELL_WORD_SIZE(DLQ_DURABLE_NAME_MAX)];
    if (!consumer) {
        doctor_report(doctor, HEALTH_WARNING, "dlq has not run here: its durable %s does not exist",
                      wanted->name);
        doctor_command(doctor, "dlq", "%s %s", doctor->stream_word, doctor->origin_word);
    } else if (strcmp(consumer_filter(consumer, 0), wanted->filter) != 0) {
        doctor_report(doctor, HEALTH_WARNING, "%s has the filter %s instead of %s", wanted->name,
                      consumer_filter(consumer, 0), wanted->filter);
        doctor_advise(doctor, "run, which recreates it");
        doctor_command(doctor, "dlq", "%s %s", doctor->stream_word, doctor->origin_word);
    } else if (consumer->state.max_deliver > 0) {
        doctor_report(doctor, HEALTH_CRITICAL,
                      "%s delivers a letter at most %" PRId64
                      " times: that many crashes strand it for good",
                      wanted->name, consumer->state.max_deliver);
        doctor_command(doctor, "nats", "consumer edit %s %s -f --max-deliver=-1",
                       doctor->stream_word, shell_word(wanted->name, name, sizeof name));
    } else if (doctor_report_settings(doctor, SETTINGS_DURABLE, doctor->stream, wanted->name,
                                      consumer->config, consumer->state.pending)) {
        doctor_report(doctor, HEALTH_GOOD, "%s is as it should be", wanted->name);
    }
}

/* In a work queue each letter goes to one consumer: we never receive those that go to another. */
static void check_strangers(struct doctor *doctor, const struct dlq_durable *wanted)
{
    for (size_t i = 0; i < doctor->dlq_consumers.n; i++) {
        const struct consumer *consumer = &doctor->dlq_consumers.items[i];
        char name[CONSUMER_WORD_MAX];
        const char *filter;
        if (strcmp(consumer->name, wanted->name) == 0)
            continue;
        for (size_t j = 0; (filter = consumer_filter(consumer, j)); j++) {
            if (!subject_overlap(filter, wanted->filter))
                continue;
            doctor_report(doctor, HEALTH_CRITICAL,
                          "consumer %s takes messages that are meant for %s (%s)", consumer->name,
                          wanted->name, filter);
            doctor_advise(doctor, "stop its clients, and remove it");
            doctor_command(doctor, "nats", "consumer rm %s %s -f", doctor->stream_word,
                           shell_word(consumer->name, name, sizeof name));
        }
    }
}

static void check_durable(struct doctor *doctor, const struct dlq_durable *wanted)
{
    if (!stream_carries_all(doctor->dlq_info, wanted->filter))
        return;
    check_handler(doctor, wanted);
    check_strangers(doctor, wanted);
}

void doctor_check_handlers(struct doctor *doctor)
{
    check_durable(doctor, &doctor->collects);
    check_durable(doctor, &doctor->decides);
}

/* Reads the stream after its consumers: then they cannot be ahead of it unless it went back. */
static void check_history(struct doctor *doctor, const char *stream,
                          const struct consumer_list *consumers)
{
    _cleanup_(json_decrefp) json_t *info = NULL;
    struct error ignored = {0};
    char stream_word[STREAM_WORD_MAX], name[CONSUMER_WORD_MAX];
    if (stream_look_up(doctor->dlq->connection, stream, false, &info, &ignored) != 0)
        return;
    uint64_t last_seq = (uint64_t)stream_number(info, "state", "last_seq");
    for (size_t i = 0; i < consumers->n; i++) {
        const struct consumer *consumer = &consumers->items[i];
        if (consumer->state.delivered_seq <= last_seq)
            continue;
        doctor_report(doctor, HEALTH_CRITICAL,
                      "consumer %s has delivered # %" PRIu64 ", but stream %s ends at # %" PRIu64
                      ": an older copy was restored, and the next jobs may be skipped",
                      consumer->name, consumer->state.delivered_seq, stream, last_seq);
        doctor_advise(doctor, "stop its workers, remove it, and start them again");
        doctor_command(doctor, "nats", "consumer rm %s %s -f",
                       shell_word(stream, stream_word, sizeof stream_word),
                       shell_word(consumer->name, name, sizeof name));
    }
}

void doctor_check_history(struct doctor *doctor)
{
    check_history(doctor, doctor->origin, &doctor->origin_consumers);
    check_history(doctor, doctor->stream, &doctor->dlq_consumers);
}
