#include "doctor/doctor_checks.h"

#include "dlq.h"
#include "queue/stream.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>

/* The least server: an older one deletes dead jobs of a replicated stream whatever a client does.
 */
enum { LEAST_MAJOR = 2, LEAST_MINOR = 12 };

static const double account_nearly_full = 0.80;

static void check_account(struct doctor *doctor, json_t *info)
{
    double used = (double)json_integer_value(json_object_get(info, "storage"));
    double most =
        (double)json_integer_value(json_object_get(json_object_get(info, "limits"), "max_storage"));
    if (most > 0 && used > account_nearly_full * most) {
        doctor_report(doctor, HEALTH_WARNING, "the account's storage is %.0f %% full",
                      100 * used / most);
        doctor_advise(doctor, "raise its limit, or remove what is not needed: nats account info");
        return;
    }
    doctor_report(doctor, HEALTH_GOOD, "JetStream answers");
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
        doctor_advise(doctor,
                      "the server needs a jetstream block, the account JetStream, and this user "
                      "leave to publish to %s.>",
                      connection_api(doctor->dlq->connection));
    }
    json_decref(info);
}

void doctor_check_version(struct doctor *doctor)
{
    const json_t *info = doctor->origin_info ? doctor->origin_info : doctor->dlq_info;
    char version[32];
    if (!info)
        return;
    if (stream_server_at_least(info, LEAST_MAJOR, LEAST_MINOR, version)) {
        doctor_report(doctor, HEALTH_GOOD, "nats-server %s", version);
        return;
    }
    doctor_report(doctor, HEALTH_CRITICAL, "nats-server %s, and natsq needs %d.%d", version,
                  LEAST_MAJOR, LEAST_MINOR);
    doctor_advise(doctor, "update it: older ones delete dead jobs of replicated streams");
}

/* A client of an account cannot ask for it, only the system account and the monitoring port. */
void doctor_check_disk(struct doctor *doctor)
{
    doctor_report(doctor, HEALTH_GOOD,
                  "how often the server writes to its disk cannot be seen here");
    doctor_advise(doctor,
                  "see that its jetstream block says sync_interval: always; by itself it is "
                  "2m, and a power cut loses that (curl SERVER:8222/jsz?config=true)");
}
