#include "dlq.h"
#include "doctor/doctor.h"

#include "queue/stream.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>

/* Of a stream's room. */
static const double little_left = 0.20, almost_none_left = 0.05;

static void check_stream(struct doctor *doctor, const jsStreamInfo *info, const json_t *config,
                         enum settings_object object)
{
    if (!info)
        return; /* it was said why */
    if (doctor_check_settings(doctor, object, info->Config->Name, NULL, config))
        doctor_say(doctor, HEALTH_GOOD, "stream %s is as it should be: %" PRIu64 " message%s",
                   info->Config->Name, info->State.Msgs, info->State.Msgs == 1 ? "" : "s");
}

void doctor_check_origin(struct doctor *doctor)
{
    check_stream(doctor, doctor->origin, doctor->origin_config, SETTINGS_ORIGIN);
}

void doctor_check_dlq(struct doctor *doctor)
{
    check_stream(doctor, doctor->letters, doctor->letters_config, SETTINGS_DLQ);
}

/* The command sets all subjects, so it repeats those that are there. */
void doctor_check_subjects(struct doctor *doctor)
{
    const char *origin = doctor->dlq->options->origin;
    char subject[DLQ_SUBJECT_MAX], missing[400] = "", command[1000];
    size_t n = 0, used = 0;
    if (!doctor->letters || !doctor->origin)
        return;
    for (enum dlq_subject which = 0; which < DLQ_SUBJECTS; which++)
        if (!stream_carries_all(doctor->letters, dlq_subject(which, origin, subject)) &&
            used < sizeof missing)
            used += (size_t)snprintf(missing + used, sizeof missing - used, "%s%s", n++ ? ", " : "",
                                     subject);
    if (n == 0) {
        doctor_say(doctor, HEALTH_GOOD, "advisories, letters and held letters have a place");
        return;
    }
    doctor_say(doctor, HEALTH_WARNING, "stream %s has no subjects for %s",
               doctor->letters->Config->Name, missing);
    doctor_advise(doctor, "%s",
                  dlq_subjects_command(doctor->letters, origin, command, sizeof command));
}

static void check_peers(struct doctor *doctor, const jsStreamInfo *info)
{
    const jsClusterInfo *cluster = info->Cluster;
    if (!cluster)
        return;
    if (!cluster->Leader || !*cluster->Leader) {
        doctor_say(doctor, HEALTH_CRITICAL, "stream %s has no leader: nothing can be stored now",
                   info->Config->Name);
        doctor_advise(doctor, "nats server report jetstream");
    }
    for (int i = 0; i < cluster->ReplicasLen; i++) {
        const jsPeerInfo *peer = cluster->Replicas[i];
        if (peer->Current && !peer->Offline)
            continue;
        doctor_say(doctor, HEALTH_WARNING, "stream %s: the copy on %s %s", info->Config->Name,
                   peer->Name, peer->Offline ? "is offline" : "is behind");
        doctor_advise(doctor, "bring that server back: nats server report jetstream");
    }
}

void doctor_check_replicas(struct doctor *doctor)
{
    size_t before = doctor->n;
    if (!doctor->origin || !doctor->letters)
        return;
    int64_t origin = doctor->origin->Config->Replicas, letters = doctor->letters->Config->Replicas;
    bool clustered =
        doctor->origin->Cluster && doctor->origin->Cluster->Name && *doctor->origin->Cluster->Name;
    check_peers(doctor, doctor->origin);
    check_peers(doctor, doctor->letters);
    if (letters < origin) {
        doctor_say(doctor, HEALTH_WARNING,
                   "the DLQ has %" PRId64 " copies and the origin %" PRId64
                   ": a dead job is kept less safely than a living one",
                   letters, origin);
        doctor_advise(doctor, "nats stream edit %s -f --replicas=%" PRId64,
                      doctor->letters->Config->Name, origin);
    } else if (clustered && origin == 1) {
        doctor_say(doctor, HEALTH_WARNING, "a cluster, and stream %s has one copy alone",
                   doctor->origin->Config->Name);
        doctor_advise(doctor, "nats stream edit %s -f --replicas=3; the same for %s",
                      doctor->origin->Config->Name, doctor->letters->Config->Name);
    }
    if (doctor->n == before)
        doctor_say(doctor, HEALTH_GOOD, "%" PRId64 " of each stream%s", origin,
                   origin == 1 ? ", on one server: its disk is the only one" : "");
}

/* `what` is "bytes" or "messages". */
static void check_limit(struct doctor *doctor, const char *stream, const char *what, uint64_t used,
                        int64_t limit)
{
    if (limit <= 0)
        return;
    double left = 1 - (double)used / (double)limit;
    if (left >= little_left)
        return;
    char share[32] = "full";
    if (left > 0)
        snprintf(share, sizeof share, "%.1f %% full", (int)(1000 * (1 - left)) / 10.0);
    doctor_say(doctor, left < almost_none_left ? HEALTH_CRITICAL : HEALTH_WARNING,
               "stream %s is %s: %" PRIu64 " of %" PRId64 " %s are used", stream, share, used,
               limit, what);
    doctor_advise(doctor,
                  "work it off, or nats stream edit %s -f --max-%s=%" PRId64
                  "; when it is full, nothing more is stored",
                  stream, what[0] == 'b' ? "bytes" : "msgs", 2 * limit);
}

static void check_stream_room(struct doctor *doctor, const jsStreamInfo *info)
{
    size_t before = doctor->n;
    if (!info)
        return;
    const jsStreamConfig *config = info->Config;
    check_limit(doctor, config->Name, "bytes", info->State.Bytes, config->MaxBytes);
    check_limit(doctor, config->Name, "messages", info->State.Msgs, config->MaxMsgs);
    if (doctor->n > before)
        return;
    if (config->MaxBytes > 0)
        doctor_say(doctor, HEALTH_GOOD, "stream %s: %" PRIu64 " of %" PRId64 " bytes are used",
                   config->Name, info->State.Bytes, config->MaxBytes);
    else
        doctor_say(doctor, HEALTH_GOOD, "stream %s has no limit of bytes but its account's",
                   config->Name);
}

void doctor_check_room(struct doctor *doctor)
{
    check_stream_room(doctor, doctor->origin);
    check_stream_room(doctor, doctor->letters);
}
