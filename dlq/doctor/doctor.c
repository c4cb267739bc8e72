#include "doctor/doctor.h"

#include "base/array.h"
#include "base/stop.h"
#include "dlq.h"
#include "doctor/doctor_checks.h"
#include "queue/stream.h"

#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    INPUT_STREAMS = INPUT_ORIGIN | INPUT_DLQ,
    INPUT_CONSUMERS = INPUT_ORIGIN_CONSUMERS | INPUT_DLQ_CONSUMERS,
};

/* In the order in which good findings are shown. */
static const struct check {
    const char *name;
    doctor_check *run;
    unsigned needs;   /* a set of enum doctor_input */
    const char *good; /* reported if the check reports nothing; or NULL */
} checks[] = {
    {"jetstream", doctor_check_jetstream, INPUT_SERVER, NULL},
    {"version", doctor_check_version, INPUT_SERVER, NULL},
    {"disk", doctor_check_disk, INPUT_SERVER, NULL},
    {"permissions", doctor_check_permissions, INPUT_STREAMS,
     "this user may do all that dlq does (publishing jobs was not tried)"},
    {"origin", doctor_check_origin, INPUT_ORIGIN, NULL},
    {"dlq", doctor_check_dlq, INPUT_DLQ, NULL},
    {"subjects", doctor_check_subjects, INPUT_STREAMS,
     "the DLQ stream takes advisories, letters and held letters"},
    {"replicas", doctor_check_replicas, INPUT_STREAMS, NULL},
    {"room", doctor_check_room, 0, NULL},
    {"consumers", doctor_check_consumers, INPUT_ORIGIN_CONSUMERS, NULL},
    {"filters", doctor_check_filters, INPUT_ORIGIN_CONSUMERS, NULL},
    {"handlers", doctor_check_handlers, INPUT_DLQ_CONSUMERS, NULL},
    {"history", doctor_check_history, INPUT_CONSUMERS, "no consumer is ahead of its stream"},
    {"stalled", doctor_check_stalled, INPUT_ORIGIN_CONSUMERS, "no queue is stalled"},
    {"unnoticed", doctor_check_unnoticed, INPUT_ORIGIN_CONSUMERS | INPUT_DLQ, NULL},
    {"waiting", doctor_check_waiting, INPUT_DLQ_CONSUMERS, NULL},
    {"held", doctor_check_held, INPUT_DLQ, NULL},
};

const char *health_text(enum health health)
{
    static const char *const texts[] = {
        [HEALTH_GOOD] = "good", [HEALTH_WARNING] = "warning", [HEALTH_CRITICAL] = "critical"};
    return (size_t)health < sizeof texts / sizeof texts[0] ? texts[health] : "unknown";
}

void doctor_report(struct doctor *doctor, enum health health, const char *format, ...)
{
    struct finding *grown = array_grow(doctor->findings, doctor->n, &doctor->room, sizeof *grown);
    if (!grown)
        abort(); /* without this finding the report would be false */
    doctor->findings = grown;
    struct finding *finding = &doctor->findings[doctor->n++];
    *finding = (struct finding){.check = doctor->check, .health = health};
    va_list words;
    va_start(words, format);
    vsnprintf(finding->text, sizeof finding->text, format, words);
    va_end(words);
}

void doctor_advise(struct doctor *doctor, const char *format, ...)
{
    struct finding *finding = &doctor->findings[doctor->n - 1];
    va_list words;
    va_start(words, format);
    vsnprintf(finding->advice, sizeof finding->advice, format, words);
    va_end(words);
}

void doctor_close(struct doctor *doctor)
{
    json_decref(doctor->origin_info);
    json_decref(doctor->dlq_info);
    consumer_list_clear(&doctor->origin_consumers);
    consumer_list_clear(&doctor->dlq_consumers);
    requester_close(doctor->requester);
    free(doctor->findings);
}

/* After a stop, each remaining check reports that it did not run. */
static void report_unread(struct doctor *doctor, const struct error *error)
{
    if (!stop_requested())
        doctor_report(doctor, HEALTH_CRITICAL, "%s", error->text);
}

/* Returns what was read. */
static unsigned read_consumers(struct doctor *doctor, const char *stream,
                               struct consumer_list *consumers, enum doctor_input input)
{
    struct error error = {0};
    doctor->check = "consumers";
    if (consumer_list_fetch(consumers, doctor->requester, stream, &error) == 0)
        return input;
    report_unread(doctor, &error);
    return 0;
}

static bool read_stream(struct doctor *doctor, const char *check, const char *name, json_t **info,
                        json_t **config)
{
    struct error error = {0};
    doctor->check = check;
    int result = stream_look_up(doctor->dlq->connection, name, false, info, &error);
    if (result != 0)
        report_unread(doctor, &error);
    *config = json_object_get(*info, "config");
    return result == 0;
}

static void read_all(struct doctor *doctor)
{
    if (read_stream(doctor, "origin", doctor->origin, &doctor->origin_info, &doctor->origin_config))
        doctor->known |=
            INPUT_ORIGIN | read_consumers(doctor, doctor->origin, &doctor->origin_consumers,
                                          INPUT_ORIGIN_CONSUMERS);
    if (read_stream(doctor, "dlq", doctor->stream, &doctor->dlq_info, &doctor->dlq_config))
        doctor->known |= INPUT_DLQ | read_consumers(doctor, doctor->stream, &doctor->dlq_consumers,
                                                    INPUT_DLQ_CONSUMERS);
}

static void find_durable(struct doctor *doctor, enum dlq_duty duty, struct dlq_durable *durable)
{
    dlq_durable_begin(durable, duty, doctor->stream, doctor->origin);
    dlq_durable_find(durable, &doctor->dlq_consumers);
}

/* What a check found before it was stopped stays, except that something is good. */
static void report_stopped(struct doctor *doctor, size_t before)
{
    size_t kept = before;
    for (size_t i = before; i < doctor->n; i++)
        if (doctor->findings[i].health != HEALTH_GOOD)
            doctor->findings[kept++] = doctor->findings[i];
    doctor->n = kept;
    doctor_report(doctor, HEALTH_CRITICAL, "not checked: doctor was stopped");
    doctor_advise(doctor, "run it again, and give it more time");
}

/* Whether the DLQ stream is this origin's. If not, the checks of the streams mean nothing, and
 * their advice could lose letters. A DLQ stream without subjects (a mirror) is left to the check of
 * settings. */
static bool streams_belong(struct doctor *doctor)
{
    if (!doctor->dlq_info ||
        json_array_size(json_object_get(doctor->dlq_config, "subjects")) == 0 ||
        dlq_subjects_any(doctor->dlq_info, doctor->origin))
        return true;
    doctor->check = "subjects";
    doctor_report(doctor, HEALTH_CRITICAL,
                  "stream %s takes neither advisories nor letters about %s: are the two streams "
                  "swapped, or is a name wrong?",
                  doctor->stream, doctor->origin);
    if (doctor->origin_info && dlq_subjects_any(doctor->origin_info, doctor->stream))
        doctor_advise(doctor, "dlq %s %s doctor", doctor->origin, doctor->stream);
    else
        doctor_advise(doctor, "nats stream ls; scripts/create-streams shows what a DLQ needs");
    return false;
}

static void run_check(struct doctor *doctor, const struct check *check)
{
    size_t before = doctor->n;
    bool is_possible = (doctor->known & check->needs) == check->needs;
    doctor->check = check->name;
    if (is_possible && !stop_requested())
        check->run(doctor);
    if (stop_requested())
        report_stopped(doctor, before);
    else if (is_possible && doctor->n == before && check->good)
        doctor_report(doctor, HEALTH_GOOD, "%s", check->good);
}

int doctor_run(struct doctor *doctor, struct error *error)
{
    if (requester_open(&doctor->requester, doctor->dlq->connection, error) < 0)
        return -1;
    doctor->origin = doctor->dlq->options->origin;
    doctor->stream = doctor->dlq->options->stream;
    doctor->known = INPUT_SERVER;
    read_all(doctor);
    find_durable(doctor, DUTY_COLLECT, &doctor->collects);
    find_durable(doctor, DUTY_DECIDE, &doctor->decides);
    bool belong = streams_belong(doctor);
    for (size_t i = 0; i < sizeof checks / sizeof checks[0]; i++)
        if (belong || checks[i].needs == INPUT_SERVER)
            run_check(doctor, &checks[i]);
    return 0;
}
