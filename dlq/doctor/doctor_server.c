#include "doctor/doctor_checks.h"

#include "dlq.h"
#include "doctor/doctor.h"
#include "nats/api_answer.h"
#include "queue/stream.h"

#include <inttypes.h>
#include <jansson.h>

/* Older servers delete dead jobs of replicated streams, whatever a client does. */
enum { MIN_MAJOR = 2, MIN_MINOR = 12 };

static const double account_nearly_full = 0.80;

static void check_account(struct doctor *doctor, json_t *info)
{
    double used = (double)json_integer_value(json_object_get(info, "storage"));
    double most =
        (double)json_integer_value(json_object_get(json_object_get(info, "limits"), "max_storage"));
    if (most > 0 && used > account_nearly_full * most) {
        doctor_report(doctor, HEALTH_WARNING, "the account's storage is %.0f %% full",
                      100 * used / most);
        doctor_advise(doctor, "raise its limit, or remove streams that are not needed");
        doctor_command(doctor, "nats", "account info");
        return;
    }
    doctor_report(doctor, HEALTH_GOOD, "JetStream answers");
}

/* A cluster without a majority of its servers answers, too. */
static void advise_jetstream(struct doctor *doctor, const json_t *info)
{
    if (info && api_answer_error(info) == JSClusterNotAvailErr)
        doctor_advise(doctor, "bring the cluster's other servers back: it needs most of them");
    else
        doctor_advise(doctor,
                      "enable JetStream in the server's configuration and for the account, and "
                      "allow this user to publish to %s.>",
                      connection_api(doctor->dlq->connection));
}

void doctor_check_jetstream(struct doctor *doctor)
{
    struct error error = {0};
    json_t *info = requester_api(doctor->requester, "INFO", NULL, &error);
    json_t *refusal = json_object_get(info, "error");
    const char *words = json_string_value(json_object_get(refusal, "description"));
    if (info && !refusal) {
        check_account(doctor, info);
    } else {
        doctor_report(doctor, HEALTH_CRITICAL, "no JetStream: %s", words ? words : error.text);
        advise_jetstream(doctor, info);
    }
    json_decref(info);
}

void doctor_check_version(struct doctor *doctor)
{
    const json_t *info = doctor->origin_info ? doctor->origin_info : doctor->dlq_info;
    char version[32];
    if (!info)
        return;
    if (stream_server_at_least(info, MIN_MAJOR, MIN_MINOR, version)) {
        doctor_report(doctor, HEALTH_GOOD, "nats-server %s", version);
        return;
    }
    doctor_report(doctor, HEALTH_CRITICAL, "nats-server %s is too old: natsq needs %d.%d", version,
                  MIN_MAJOR, MIN_MINOR);
    doctor_advise(doctor, "update it: older servers delete dead jobs of replicated streams");
}

/* Only the system account and the monitoring port show it. */
void doctor_check_disk(struct doctor *doctor)
{
    doctor_report(doctor, HEALTH_GOOD, "a client cannot see how often the server writes to disk");
    doctor_advise(doctor, "set sync_interval: always in its jetstream block; the default is 2m, "
                          "and a power cut loses that much (curl SERVER:8222/jsz?config=true)");
}

void doctor_check_unseen(struct doctor *doctor)
{
    doctor_report(
        doctor, HEALTH_GOOD,
        "doctor cannot see the permissions of other users (the workers'), other accounts, "
        "other machines' clocks, and what a handler is doing");
}
