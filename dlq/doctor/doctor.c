#include "doctor/doctor.h"

#include "base/stop.h"
#include "dlq.h"
#include "doctor/doctor_checks.h"
#include "queue/stream.h"

#include <jansson.h>
#include <stdlib.h>

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
    {"clock", doctor_check_clock, INPUT_SERVER, NULL},
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
    {"backlog", doctor_check_backlog, INPUT_STREAMS, NULL},
    {"unnoticed", doctor_check_unnoticed, INPUT_ORIGIN_CONSUMERS | INPUT_DLQ, NULL},
    {"waiting", doctor_check_waiting, INPUT_DLQ_CONSUMERS, NULL},
    {"held", doctor_check_held, INPUT_DLQ, NULL},
    {"unseen", doctor_check_unseen, INPUT_SERVER, NULL},
};

void doctor_close(struct doctor *doctor)
{
    json_decref(doctor->origin_info);
    json_decref(doctor->dlq_info);
    consumer_list_clear(&doctor->origin_consumers);
    consumer_list_clear(&doctor->dlq_consumers);
    queue_look_clear(&doctor->queue);
    requester_close(doctor->requester);
    free(doctor->workers);
    free(doctor->handlers);
    free(doctor->findings);
}

/* After a stop, each remaining check reports that it did not run. */
static void report_unread(struct doctor *doctor, const struct error *error)
{
    if (stop_requested())
        return;
    doctor_report(doctor, HEALTH_CRITICAL, "%s", error->text);
    if (error->exit_code == EX_NOPERM)
        doctor_advise(doctor, "permit this, which doctor and dlq need");
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
    doctor_advise(doctor, "give it more time");
    doctor_command(doctor, "dlq", "%s %s doctor", doctor->stream_word, doctor->origin_word);
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

static void begin(struct doctor *doctor)
{
    const struct dlq_options *options = doctor->dlq->options;
    doctor->origin = options->origin;
    doctor->stream = options->stream;
    doctor->known = INPUT_SERVER;
    shell_word(doctor->origin, doctor->origin_word, sizeof doctor->origin_word);
    shell_word(doctor->stream, doctor->stream_word, sizeof doctor->stream_word);
    connection_options_text(&options->connection, doctor->reach, sizeof doctor->reach);
}

/* They become findings. */
static void mute_denials(struct doctor *doctor)
{
    connection_mute_denials(doctor->dlq->connection, true);
}

/* What the checks of jobs and letters look at. */
static int look(struct doctor *doctor, struct error *error)
{
    struct error ignored = {0};
    find_durable(doctor, DUTY_COLLECT, &doctor->collects);
    find_durable(doctor, DUTY_DECIDE, &doctor->decides);
    if (doctor->dlq_info)
        dlq_know_letters(doctor->dlq, doctor->dlq_info);
    if ((doctor->known & INPUT_STREAMS) == INPUT_STREAMS && !stop_requested() &&
        queue_look_take_whole(&doctor->queue, doctor->dlq, &ignored) != 0)
        queue_look_clear(&doctor->queue); /* not known */
    mute_denials(doctor);                 /* which the look has ended */
    return doctor_watch(doctor, error);
}

int doctor_run(struct doctor *doctor, struct error *error)
{
    if (requester_open(&doctor->requester, doctor->dlq->connection, error) < 0)
        return -1;
    begin(doctor);
    mute_denials(doctor);
    read_all(doctor);
    bool belong = doctor_streams_belong(doctor);
    if (belong && look(doctor, error) < 0)
        return -1;
    for (size_t i = 0; i < sizeof checks / sizeof checks[0]; i++)
        if (belong || checks[i].needs == INPUT_SERVER)
            run_check(doctor, &checks[i]);
    return 0;
}
