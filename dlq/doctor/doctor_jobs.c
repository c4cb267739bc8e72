#include "doctor/doctor_checks.h"

#include "base/duration.h"
#include "dlq.h"
#include "doctor/doctor.h"
#include "letters/job_set.h"
#include "letters/letter_lookup.h"
#include "letters/letter_reader.h"
#include "queue/stream.h"
#include "sweep/origin_scan.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

/* Enough to know that something is wrong. */
enum { SUSPECTS_MAX = 1024 };

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

/* Not more than this many advisories are read to tell which of them still matter. */
enum { ADVISORIES_MAX = 10000 };

/* Adds the dead jobs that only an advisory names, as `stats` counts them. */
static void read_announced(struct doctor *doctor, struct job_set *announced)
{
    _cleanup_(cleanup_letter_reader) struct letter_reader *reader = NULL;
    struct letter_entry entry;
    struct error ignored = {0};
    uint64_t advisories = doctor->queue.stored[DLQ_ADVISORIES].n;
    if (advisories == 0 || advisories > ADVISORIES_MAX ||
        letter_reader_open(&reader, doctor->dlq, READ_ANNOUNCED, &ignored) < 0)
        return;
    while (letter_reader_next(reader, &entry, &ignored) == 0) {
        (void)job_set_add(announced, entry.letter.seq, entry.letter.stored_at); /* or it counts as
                                                                                   unnoticed */
        letter_entry_clear(&entry);
    }
}

/* What an advisory announces is counted as such. */
static void report_suspects(struct doctor *doctor, const struct suspects *suspects)
{
    _cleanup_(job_set_release) struct job_set announced = {0};
    size_t n = 0;
    read_announced(doctor, &announced);
    for (size_t i = 0; i < suspects->n; i++)
        n += suspects->found[i] == LETTER_NONE &&
             !job_set_has(&announced, suspects->item[i].seq, suspects->item[i].stored_at);
    if (n == 0)
        return;
    doctor_report(doctor, HEALTH_WARNING, "%s%zu dead %s no letter",
                  suspects->n == SUSPECTS_MAX ? "at least " : "", n,
                  n == 1 ? "job has" : "jobs have");
    doctor_advise(doctor, "dlq run also sweeps");
    doctor_command(doctor, "dlq", "%s %s sweep", doctor->stream_word, doctor->origin_word);
}

static void report_left_alone(struct doctor *doctor, const struct left_alone *left_alone)
{
    char name[SHELL_WORD_SIZE(CONSUMER_NAME_MAX)];
    if (left_alone->unproven > 0) {
        doctor_report(doctor, HEALTH_WARNING,
                      "%" PRIu64
                      " job%s may be dead, which cannot be proven while others are in flight",
                      left_alone->unproven, left_alone->unproven == 1 ? "" : "s");
        doctor_advise(doctor, "when the consumers are idle or paused");
        doctor_command(doctor, "dlq", "%s %s sweep", doctor->stream_word, doctor->origin_word);
    }
    if (left_alone->skipped > 0) {
        doctor_report(doctor, HEALTH_WARNING,
                      "%" PRIu64 " job%s will not be delivered again: the consumer's filter or "
                      "limit was changed",
                      left_alone->skipped, left_alone->skipped == 1 ? "" : "s");
        doctor_advise(doctor, "stop the workers of that consumer, remove it, and start them again");
        if (doctor->origin_consumers.n == 1)
            doctor_command(doctor, "nats", "consumer rm %s %s -f", doctor->origin_word,
                           shell_word(doctor->origin_consumers.items[0].name, name, sizeof name));
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

/* Whether some letters wait without a `run` that takes them. */
static bool is_left_alone(const struct doctor *doctor)
{
    for (size_t i = 0; i < doctor->dlq_consumers.n; i++) {
        const struct watched *watched = &doctor->handlers[i];
        const char *name = doctor->dlq_consumers.items[i].name;
        bool is_ours =
            strcmp(name, doctor->collects.name) == 0 || strcmp(name, doctor->decides.name) == 0;
        enum flow flow = flow_judge(&watched->before, &watched->after, true).flow;
        if (is_ours && (flow == FLOW_NO_WORKER || flow == FLOW_BUSY || flow == FLOW_GONE))
            return true;
    }
    return false;
}

/* " (the oldest died 3h5m ago)" */
static const char *oldest_text(const struct doctor *doctor, const struct first_match *match,
                               char text[DURATION_TEXT_MAX + 32])
{
    char age[DURATION_TEXT_MAX];
    text[0] = '\0';
    if (match->n > 0 && match->time > 0)
        snprintf(text, DURATION_TEXT_MAX + 32, ", the oldest died %s ago",
                 duration_age_text(doctor->queue.time - match->time, age));
    return text;
}

void doctor_check_waiting(struct doctor *doctor)
{
    const struct first_match *letters = &doctor->queue.stored[DLQ_DEAD];
    char oldest[DURATION_TEXT_MAX + 32];
    if (!letters->is_known)
        return;
    _cleanup_(job_set_release) struct job_set set = {0};
    read_announced(doctor, &set);
    uint64_t advisories = doctor->queue.stored[DLQ_ADVISORIES].n;
    bool is_exact = advisories <= ADVISORIES_MAX;
    uint64_t announced = is_exact ? set.n : advisories;
    bool alone = letters->n + announced > 0 && is_left_alone(doctor);
    enum health health = (enum health)threshold_level(
        &doctor->dlq->options->thresholds, THRESHOLD_WAITING, (int64_t)(letters->n + announced));
    doctor_report(doctor, alone && health == HEALTH_GOOD ? HEALTH_WARNING : health,
                  "%" PRIu64 " letter%s for a decision, %s%" PRIu64 " dead job%s announced%s%s",
                  letters->n, letters->n == 1 ? " waits" : "s wait", is_exact ? "" : "up to ",
                  announced, announced == 1 ? " is" : "s are", oldest_text(doctor, letters, oldest),
                  alone ? ", and no dlq runs, or all its handlers are busy" : "");
    if (alone || health > HEALTH_GOOD)
        doctor_command(doctor, "dlq", "%s %s", doctor->stream_word, doctor->origin_word);
}

void doctor_check_held(struct doctor *doctor)
{
    const struct first_match *letters = &doctor->queue.stored[DLQ_HELD];
    char oldest[DURATION_TEXT_MAX + 32];
    if (!letters->is_known)
        return;
    if (letters->n == 0) {
        doctor_report(doctor, HEALTH_GOOD, "no letter is held");
        return;
    }
    enum health health = (enum health)threshold_level(&doctor->dlq->options->thresholds,
                                                      THRESHOLD_HELD, (int64_t)letters->n);
    doctor_report(doctor, health, "%" PRIu64 " %s for a person%s", letters->n,
                  letters->n == 1 ? "letter is held and waits" : "letters are held and wait",
                  oldest_text(doctor, letters, oldest));
    doctor_advise(doctor, "see why they died, then retry or discard them");
    doctor_command(doctor, "dlq", "%s %s list", doctor->stream_word, doctor->origin_word);
}
