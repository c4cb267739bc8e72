#include "doctor/doctor_checks.h"

#include "doctor/doctor.h"
#include "queue/stream.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>

/* What is left of a stream's limit when that is a warning, and when it is critical. */
static const double little_left = 0.20, almost_none_left = 0.05;

static void check_stream(struct doctor *doctor, const char *name, const json_t *info,
                         enum settings_object object)
{
    int64_t messages = stream_number(info, "state", "messages");
    if (doctor_report_settings(doctor, object, name, NULL, json_object_get(info, "config"), 0))
        doctor_report(doctor, HEALTH_GOOD, "stream %s is as it should be: %" PRId64 " message%s",
                      name, messages, messages == 1 ? "" : "s");
}

void doctor_check_origin(struct doctor *doctor)
{
    check_stream(doctor, doctor->origin, doctor->origin_info, SETTINGS_ORIGIN);
}

void doctor_check_dlq(struct doctor *doctor)
{
    check_stream(doctor, doctor->stream, doctor->dlq_info, SETTINGS_DLQ);
}

/* The command in the advice replaces all subjects, so it repeats those that the stream has. */
void doctor_check_subjects(struct doctor *doctor)
{
    char subject[DLQ_SUBJECT_MAX], missing[400] = "", arguments[1000];
    size_t used = 0;
    for (enum dlq_subject which = 0; which < DLQ_SUBJECTS; which++)
        if (!stream_carries_all(doctor->dlq_info, dlq_subject(which, doctor->origin, subject)) &&
            used < sizeof missing)
            used += (size_t)snprintf(missing + used, sizeof missing - used, "%s%s",
                                     used ? ", " : "", subject);
    if (used == 0)
        return;
    doctor_report(doctor, HEALTH_WARNING, "stream %s has no subjects for %s", doctor->stream,
                  missing);
    doctor_command(
        doctor, "nats", "%s",
        dlq_subjects_arguments(doctor->dlq_info, doctor->origin, arguments, sizeof arguments));
}

static void check_peers(struct doctor *doctor, const char *stream, const json_t *info)
{
    const json_t *cluster = json_object_get(info, "cluster"), *peer;
    char name_word[STREAM_WORD_MAX];
    size_t i;
    if (!cluster)
        return;
    if (!*stream_text(info, "cluster", "leader")) {
        doctor_report(doctor, HEALTH_CRITICAL, "stream %s has no leader: nothing can be stored now",
                      stream);
        doctor_advise(doctor, "bring its servers back");
        doctor_command(doctor, "nats", "stream info %s",
                       shell_word(stream, name_word, sizeof name_word));
    }
    json_array_foreach(json_object_get(cluster, "replicas"), i, peer)
    {
        const char *name = json_string_value(json_object_get(peer, "name"));
        bool is_offline = json_is_true(json_object_get(peer, "offline"));
        if (json_is_true(json_object_get(peer, "current")) && !is_offline)
            continue;
        doctor_report(doctor, HEALTH_WARNING, "stream %s: the copy on %s %s", stream,
                      name ? name : "", is_offline ? "is offline" : "is behind");
        doctor_advise(doctor, "bring that server back");
        doctor_command(doctor, "nats", "stream info %s",
                       shell_word(stream, name_word, sizeof name_word));
    }
}

void doctor_check_replicas(struct doctor *doctor)
{
    size_t before = doctor->n;
    int64_t origin_copies = stream_number(doctor->origin_info, "config", "num_replicas");
    int64_t dlq_copies = stream_number(doctor->dlq_info, "config", "num_replicas");
    bool clustered = *stream_text(doctor->origin_info, "cluster", "name");
    check_peers(doctor, doctor->origin, doctor->origin_info);
    check_peers(doctor, doctor->stream, doctor->dlq_info);
    if (dlq_copies < origin_copies) {
        doctor_report(doctor, HEALTH_WARNING,
                      "the DLQ stream has %" PRId64 " copies and the origin %" PRId64
                      ": dead jobs are less safe than live ones",
                      dlq_copies, origin_copies);
        doctor_command(doctor, "nats", "stream edit %s -f --replicas=%" PRId64, doctor->stream_word,
                       origin_copies);
    } else if (clustered && origin_copies == 1) {
        doctor_report(doctor, HEALTH_WARNING, "stream %s is in a cluster and has only one copy",
                      doctor->origin);
        doctor_command(doctor, "nats", "stream edit %s -f --replicas=3", doctor->origin_word);
    }
    if (doctor->n == before)
        doctor_report(doctor, HEALTH_GOOD, "each stream has %" PRId64 " cop%s", origin_copies,
                      origin_copies == 1 ? "y, on the disk of one server" : "ies");
}

/* `what` is "bytes" or "messages". */
static void check_limit(struct doctor *doctor, const char *stream, const char *what, int64_t used,
                        int64_t limit)
{
    if (limit <= 0)
        return;
    double left = 1 - (double)used / (double)limit;
    if (left >= little_left)
        return;
    char share[32] = "full", name[STREAM_WORD_MAX];
    if (left > 0)
        snprintf(share, sizeof share, "%.1f %% full", (int)(1000 * (1 - left)) / 10.0);
    doctor_report(doctor, left < almost_none_left ? HEALTH_CRITICAL : HEALTH_WARNING,
                  "stream %s is %s: %" PRId64 " of %" PRId64 " %s are used", stream, share, used,
                  limit, what);
    doctor_advise(doctor, "process its messages, or give it more room, since a full stream stores "
                          "nothing more");
    doctor_command(doctor, "nats", "stream edit %s -f --max-%s=%" PRId64,
                   shell_word(stream, name, sizeof name), what[0] == 'b' ? "bytes" : "msgs",
                   2 * limit);
}

static void check_stream_room(struct doctor *doctor, const char *name, const json_t *info)
{
    char text[STREAM_ROOM_TEXT_MAX];
    size_t before = doctor->n;
    if (!info)
        return;
    check_limit(doctor, name, "bytes", stream_number(info, "state", "bytes"),
                stream_number(info, "config", "max_bytes"));
    check_limit(doctor, name, "messages", stream_number(info, "state", "messages"),
                stream_number(info, "config", "max_msgs"));
    if (doctor->n > before)
        return;
    struct stream_room room = stream_room_read(info);
    doctor_report(doctor, HEALTH_GOOD, "stream %s: %s", name, stream_room_text(&room, text));
}

void doctor_check_room(struct doctor *doctor)
{
    check_stream_room(doctor, doctor->origin, doctor->origin_info);
    check_stream_room(doctor, doctor->stream, doctor->dlq_info);
}
