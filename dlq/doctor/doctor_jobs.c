#include "doctor/doctor_checks.h"

#include "base/duration.h"
#include "base/stop.h"
#include "base/timestamp.h"
#include "dlq.h"
#include "doctor/doctor.h"
#include "letters/letter_lookup.h"
#include "queue/durable.h"
#include "queue/stream.h"
#include "sweep/origin_scan.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

/* A worker with a free slot pulls again within a moment. */
static const int64_t look_again = 200 * DURATION_MS;
enum { LOOKS = 10 };

/* Enough to know that something is wrong. */
enum { SUSPECTS_MAX = 1024 };

/* False if there was no pull request at any of several looks. `state` is from the last look. */
static bool is_pulled(struct doctor *doctor, const char *stream, const char *name,
                      struct durable_state *state)
{
    struct error ignored = {0};
    for (int i = 0; i < LOOKS; i++) {
        if (durable_look_up(doctor->requester, stream, name, state, NULL, &ignored) != 0)
            return true; /* gone, or no answer: other checks report it */
        if (state->waiting > 0 || stop_requested())
            return true;
        tty_progress_show(&doctor->progress, "checking whether a worker is pulling from %s", name);
        stop_wait(look_again);
    }
    return false;
}

static void check_worker(struct doctor *doctor, const struct consumer *consumer)
{
    struct durable_state state = consumer->state;
    if (state.paused_until > timestamp_now())
        return; /* the check of settings reports it */
    if (state.max_ack_pending > 0 && (int64_t)state.ack_pending >= state.max_ack_pending) {
        doctor_report(doctor, HEALTH_WARNING,
                      "consumer %s has reached its limit of %" PRId64
                      " unacknowledged jobs (max-ack-pending)",
                      consumer->name, state.max_ack_pending);
        doctor_advise(doctor, "nats consumer edit %s %s -f --max-pending=10000", doctor->origin,
                      consumer->name);
    }
    bool has_work = state.pending > 0 || (state.redelivered > 0 && state.ack_pending > 0);
    if (!has_work || is_pulled(doctor, doctor->origin, consumer->name, &state))
        return;
    doctor_report(doctor, state.ack_pending > 0 ? HEALTH_WARNING : HEALTH_CRITICAL,
                  "consumer %s: %" PRIu64 " pending job%s, %" PRIu64
                  " in flight, and no worker pulls "
                  "more",
                  consumer->name, state.pending, state.pending == 1 ? "" : "s", state.ack_pending);
    doctor_advise(doctor, state.ack_pending > 0
                              ? "check that its workers run; if all are busy, start more"
                              : "start its workers");
}

void doctor_check_stalled(struct doctor *doctor)
{
    for (size_t i = 0; i < doctor->origin_consumers.n; i++)
        check_worker(doctor, &doctor->origin_consumers.items[i]);
}

struct suspects {
    struct suspect item[SUSPECTS_MAX];
    struct letter letter[SUSPECTS_MAX]; /* what each letter would be */
    const struct letter *wanted[SUSPECTS_MAX];
    enum letter_found found[SUSPECTS_MAX];
    size_t n;
};

static int find_suspects(struct doctor *doctor, struct suspects *suspects,
                         struct left_alone *left_alone, struct error *error)
{
    _cleanup_(origin_scan_end) struct origin_scan scan = {.dlq = doctor->dlq,
                                                          .consumers = &doctor->origin_consumers};
    int result = 0;
    while (result == 0 && suspects->n < SUSPECTS_MAX) {
        result = origin_scan_next(&scan, &suspects->item[suspects->n], error);
        suspects->n += result == 0;
    }
    *left_alone = scan.left_alone;
    return result < 0 ? -1 : 0;
}

static int find_their_letters(struct doctor *doctor, struct suspects *suspects, struct error *error)
{
    for (size_t i = 0; i < suspects->n; i++) {
        suspects->letter[i] = (struct letter){.origin = doctor->origin,
                                              .consumer = suspects->item[i].consumer->name,
                                              .seq = suspects->item[i].seq,
                                              .stored_at = suspects->item[i].stored_at};
        suspects->wanted[i] = &suspects->letter[i];
    }
    return letters_look_up(doctor->requester, doctor->stream, suspects->wanted, suspects->n,
                           suspects->found, error);
}

static void report_suspects(struct doctor *doctor, const struct suspects *suspects)
{
    size_t n = 0;
    for (size_t i = 0; i < suspects->n; i++)
        n += suspects->found[i] == LETTER_NONE;
    if (n == 0)
        return;
    doctor_report(doctor, HEALTH_WARNING, "%s%zu dead %s no letter",
                  suspects->n == SUSPECTS_MAX ? "at least " : "", n,
                  n == 1 ? "job has" : "jobs have");
    doctor_advise(doctor, "dlq %s %s sweep (dlq run also sweeps)", doctor->stream, doctor->origin);
}

static void report_left_alone(struct doctor *doctor, const struct left_alone *left_alone)
{
    if (left_alone->unproven > 0) {
        doctor_report(doctor, HEALTH_WARNING,
                      "%" PRIu64
                      " job%s may be dead, which cannot be proven while others are in flight",
                      left_alone->unproven, left_alone->unproven == 1 ? "" : "s");
        doctor_advise(doctor, "dlq %s %s sweep when the consumers are idle or paused",
                      doctor->stream, doctor->origin);
    }
    if (left_alone->skipped > 0) {
        doctor_report(doctor, HEALTH_WARNING,
                      "%" PRIu64 " job%s will not be delivered again: the consumer's filter or "
                      "limit was changed",
                      left_alone->skipped, left_alone->skipped == 1 ? "" : "s");
        doctor_advise(doctor, "delete that consumer and restart its workers");
    }
}

void doctor_check_unnoticed(struct doctor *doctor)
{
    struct error error = {0};
    struct left_alone left_alone;
    size_t before = doctor->n;
    if (strcmp(stream_text(doctor->origin_info, "config", "retention"), "workqueue") != 0)
        return;
    _cleanup_(cleanup_free) struct suspects *suspects = calloc(1, sizeof *suspects);
    if (!suspects)
        return;
    if (find_suspects(doctor, suspects, &left_alone, &error) < 0 ||
        find_their_letters(doctor, suspects, &error) < 0) {
        doctor_report(doctor, HEALTH_WARNING, "%s", error.text);
        return;
    }
    report_suspects(doctor, suspects);
    report_left_alone(doctor, &left_alone);
    if (doctor->n == before)
        doctor_report(doctor, HEALTH_GOOD, "every dead job has its letter");
}

/* The DLQ stream may serve other origins with durables of their own. */
static bool is_ours(const struct doctor *doctor, const struct consumer *consumer)
{
    return strcmp(consumer->name, doctor->collects.name) == 0 ||
           strcmp(consumer->name, doctor->decides.name) == 0;
}

void doctor_check_waiting(struct doctor *doctor)
{
    uint64_t waiting = 0;
    bool pulled = true;
    for (size_t i = 0; i < doctor->dlq_consumers.n; i++) {
        const struct consumer *consumer = &doctor->dlq_consumers.items[i];
        struct durable_state state = consumer->state;
        uint64_t n = is_ours(doctor, consumer) ? state.pending + state.ack_pending : 0;
        if (n > 0 && !is_pulled(doctor, doctor->stream, consumer->name, &state))
            pulled = false;
        waiting += n;
    }
    doctor_report(doctor, pulled ? HEALTH_GOOD : HEALTH_WARNING, "%" PRIu64 " %s for a decision%s",
                  waiting,
                  waiting == 1 ? "advisory or letter waits" : "advisories and letters wait",
                  pulled ? "" : ", and no dlq runs, or all its handlers are busy");
    if (!pulled)
        doctor_advise(doctor, "dlq %s %s", doctor->stream, doctor->origin);
}

/* How many messages match the filter: the server counts those that follow the first. */
static bool count_messages(struct doctor *doctor, const char *filter, uint64_t *n)
{
    const char *pending;
    struct error ignored = {0};
    _cleanup_(cleanup_free) char *body = requester_json_body(
        json_pack("{s:i, s:s, s:i}", "seq", 1, "next_by_subj", filter, "batch", 1), &ignored);
    struct request request = {.body = body};
    snprintf(request.subject, sizeof request.subject, "%s.DIRECT.GET.%s",
             connection_api(doctor->dlq->connection), doctor->stream);
    if (body)
        requester_run(doctor->requester, &request, 1, connection_timeout(doctor->dlq->connection),
                      &ignored);
    bool answered = request.answer != NULL;
    *n = 0;
    if (answered && natsMsgHeader_Get(request.answer, "Nats-Num-Pending", &pending) == NATS_OK)
        *n = strtoull(pending, NULL, 10) + 1;
    requests_clear(&request, 1);
    return answered;
}

void doctor_check_held(struct doctor *doctor)
{
    char filter[DLQ_SUBJECT_MAX];
    uint64_t n;
    dlq_subject(DLQ_HELD, doctor->origin, filter);
    if (!count_messages(doctor, filter, &n))
        return;
    if (n == 0) {
        doctor_report(doctor, HEALTH_GOOD, "no letter is held");
        return;
    }
    doctor_report(doctor, HEALTH_WARNING, "%" PRIu64 " %s for a person", n,
                  n == 1 ? "letter is held and waits" : "letters are held and wait");
    doctor_advise(doctor, "dlq %s %s list; then retry or discard", doctor->stream, doctor->origin);
}
