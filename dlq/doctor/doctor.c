#include "doctor/doctor.h"

#include "base/stop.h"
#include "dlq.h"
#include "queue/stream.h"

#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Those of the server come first: they say something whatever the streams are. */
static const struct check {
    const char *name;
    void (*run)(struct doctor *doctor);
} checks[] = {
    {"jetstream", doctor_check_jetstream}, {"version", doctor_check_version},
    {"disk", doctor_check_disk},           {"permissions", doctor_check_permissions},
    {"origin", doctor_check_origin},       {"dlq", doctor_check_dlq},
    {"subjects", doctor_check_subjects},   {"replicas", doctor_check_replicas},
    {"room", doctor_check_room},           {"consumers", doctor_check_consumers},
    {"filters", doctor_check_filters},     {"handlers", doctor_check_handlers},
    {"history", doctor_check_history},     {"stalled", doctor_check_stalled},
    {"unnoticed", doctor_check_unnoticed}, {"waiting", doctor_check_waiting},
    {"held", doctor_check_held},
};

enum { CHECKS = sizeof checks / sizeof checks[0], CHECKS_OF_SERVER = 3 };

const char *health_text(enum health health)
{
    switch (health) {
    case HEALTH_GOOD:
        return "good";
    case HEALTH_WARNING:
        return "warning";
    case HEALTH_CRITICAL:
        return "critical";
    }
    return "unknown";
}

void doctor_say(struct doctor *doctor, enum health health, const char *format, ...)
{
    enum { ROOM_AT_FIRST = 32 };
    if (doctor->n == doctor->room) {
        size_t room = doctor->room ? 2 * doctor->room : ROOM_AT_FIRST;
        struct finding *grown = reallocarray(doctor->findings, room, sizeof *grown);
        if (!grown)
            abort(); /* a finding that is left out would be a lie */
        doctor->findings = grown;
        doctor->room = room;
    }
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
    json_decref(doctor->origin);
    json_decref(doctor->letters);
    consumer_list_clear(&doctor->workers);
    consumer_list_clear(&doctor->handlers);
    requester_close(doctor->requester);
    free(doctor->findings);
}

/* After a stop each check says itself that it was not made. */
static void say_unread(struct doctor *doctor, const struct error *error)
{
    if (!stop_requested())
        doctor_say(doctor, HEALTH_CRITICAL, "%s", error->text);
}

static bool read_stream(struct doctor *doctor, const char *check, const char *name, json_t **info,
                        json_t **config)
{
    struct error error = {0};
    doctor->check = check;
    if (stream_look_up(doctor->dlq->connection, name, false, info, &error) == 0) {
        *config = json_object_get(*info, "config");
        return true;
    }
    say_unread(doctor, &error);
    return false;
}

static bool read_consumers(struct doctor *doctor, const char *stream,
                           struct consumer_list *consumers)
{
    struct error error = {0};
    doctor->check = "consumers";
    if (consumer_list_fetch(consumers, doctor->requester, stream, &error) == 0)
        return true;
    say_unread(doctor, &error);
    return false;
}

static void read_all(struct doctor *doctor)
{
    const struct dlq_options *options = doctor->dlq->options;
    if (read_stream(doctor, "origin", options->origin, &doctor->origin, &doctor->origin_config))
        doctor->knows_workers = read_consumers(doctor, options->origin, &doctor->workers);
    if (read_stream(doctor, "dlq", options->stream, &doctor->letters, &doctor->letters_config))
        doctor->knows_handlers = read_consumers(doctor, options->stream, &doctor->handlers);
}

/* What a check found before it was cut short stays, but not that all is well. */
static void say_stopped(struct doctor *doctor, size_t before)
{
    size_t kept = before;
    for (size_t i = before; i < doctor->n; i++)
        if (doctor->findings[i].health != HEALTH_GOOD)
            doctor->findings[kept++] = doctor->findings[i];
    doctor->n = kept;
    doctor_say(doctor, HEALTH_CRITICAL, "not checked: doctor was stopped");
    doctor_advise(doctor, "run it again, and give it more time");
}

/* Whether the streams are those of one another. If not, no check of them means anything, and its
 * advice could lose letters. One without subjects (a mirror) is not swapped: its settings tell. */
static bool streams_belong(struct doctor *doctor)
{
    const char *letters = doctor->dlq->options->stream, *origin = doctor->dlq->options->origin;
    if (!doctor->letters ||
        json_array_size(json_object_get(doctor->letters_config, "subjects")) == 0 ||
        dlq_subjects_any(doctor->letters, origin))
        return true;
    doctor->check = "subjects";
    doctor_say(doctor, HEALTH_CRITICAL,
               "stream %s takes neither advisories nor letters about %s: are the two streams "
               "swapped, or is a name wrong?",
               letters, origin);
    if (doctor->origin && dlq_subjects_any(doctor->origin, letters))
        doctor_advise(doctor, "dlq %s %s doctor", origin, letters);
    else
        doctor_advise(doctor, "nats stream ls; scripts/create-streams shows what a DLQ needs");
    return false;
}

static void run_check(struct doctor *doctor, const struct check *check)
{
    size_t before = doctor->n;
    doctor->check = check->name;
    if (!stop_requested())
        check->run(doctor);
    if (stop_requested())
        say_stopped(doctor, before);
}

int doctor_run(struct doctor *doctor, struct error *error)
{
    if (requester_open(&doctor->requester, doctor->dlq->connection, error) < 0)
        return -1;
    read_all(doctor);
    size_t n = streams_belong(doctor) ? CHECKS : CHECKS_OF_SERVER;
    for (size_t i = 0; i < n; i++)
        run_check(doctor, &checks[i]);
    return 0;
}
