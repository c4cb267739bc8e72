#include "dlq.h"
#include "doctor/doctor.h"

#include "base/duration.h"
#include "nats/nats_cleanup.h"
#include "queue/stream.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>

/* The least server: an older one deletes dead jobs of a replicated stream whatever a client does.
 */
enum { LEAST_MAJOR = 2, LEAST_MINOR = 12 };

static const int64_t probe_wait = 2 * DURATION_S;
static const int64_t mute_wait = 300 * DURATION_MS; /* a denial comes at once, or none does */
static const double account_nearly_full = 0.80;

static void check_account(struct doctor *doctor, json_t *info)
{
    double used = (double)json_integer_value(json_object_get(info, "storage"));
    double most =
        (double)json_integer_value(json_object_get(json_object_get(info, "limits"), "max_storage"));
    if (most > 0 && used > account_nearly_full * most) {
        doctor_say(doctor, HEALTH_WARNING, "the account's storage is %.0f %% full",
                   100 * used / most);
        doctor_advise(doctor, "raise its limit, or remove what is not needed: nats account info");
        return;
    }
    doctor_say(doctor, HEALTH_GOOD, "JetStream answers");
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
        doctor_say(doctor, HEALTH_CRITICAL, "no JetStream: %s", words ? words : error.text);
        doctor_advise(doctor,
                      "the server needs a jetstream block, the account JetStream, and this user "
                      "leave to publish to %s.>",
                      connection_api(doctor->dlq->connection));
    }
    json_decref(info);
}

void doctor_check_version(struct doctor *doctor)
{
    const json_t *info = doctor->origin ? doctor->origin : doctor->letters;
    char version[32];
    if (!info)
        return;
    if (stream_server_at_least(info, LEAST_MAJOR, LEAST_MINOR, version)) {
        doctor_say(doctor, HEALTH_GOOD, "nats-server %s", version);
        return;
    }
    doctor_say(doctor, HEALTH_CRITICAL, "nats-server %s, and natsq needs %d.%d", version,
               LEAST_MAJOR, LEAST_MINOR);
    doctor_advise(doctor, "update it: older ones delete dead jobs of replicated streams");
}

/* A client of an account cannot ask for it, only the system account and the monitoring port. */
void doctor_check_disk(struct doctor *doctor)
{
    doctor_say(doctor, HEALTH_GOOD, "how often the server writes to its disk cannot be seen here");
    doctor_advise(doctor,
                  "see that its jetstream block says sync_interval: always; by itself it is "
                  "2m, and a power cut loses that (curl SERVER:8222/jsz?config=true)");
}

/* A request that changes nothing, to see whether we may send it. */
struct probe {
    const char *subject; /* @ is our API, # the origin, & the DLQ, ? a consumer of the origin,
                            ! the durable that decides */
    const char *body;
    const char *use;
    bool is_mute; /* the server does not answer it */
};

/* The server refuses what names another stream or is cut short (2.15 takes a body that is no JSON
 * for "one message"); sequence 2^64-1 is never delivered, and no letter has sequence 0. */
static const struct probe probes[] = {
    {"@.STREAM.MSG.GET.#", "{\"last_by_subj\":\"natsq.doctor\"}", "collect", false},
    {"@.STREAM.MSG.GET.&", "{\"last_by_subj\":\"natsq.doctor\"}", "collect", false},
    {"@.DIRECT.GET.#", "{\"last_by_subj\":\"natsq.doctor\"}", "sweep", false},
    {"@.DIRECT.GET.&", "{\"last_by_subj\":\"natsq.doctor\"}", "list", false},
    {"@.CONSUMER.NAMES.#", "{}", "sweep", false},
    {"@.CONSUMER.INFO.#.?", NULL, "collect", false},
    {"@.CONSUMER.CREATE.&.!", "{\"stream_name\":\"natsq-doctor\",\"config\":{}}", "run", false},
    {"@.CONSUMER.MSG.NEXT.&.!", "{", "run", false},
    {"@.STREAM.PURGE.&", "{\"filter\":\"natsq.held.doctor._.0.0\"}", "retry and discard", false},
    {"$JS.ACK.#.?.1.18446744073709551615.0.0.0", "+WPI", "retire", true},
};

enum { PROBES = sizeof probes / sizeof probes[0], MUTE = 1 /* the last ones */ };

static void say_probe(struct doctor *doctor, const struct probe *probe,
                      const struct request *request)
{
    if (connection_denies(doctor->dlq->connection, request->subject)) {
        doctor_say(doctor, HEALTH_CRITICAL, "this user may not publish to %s: no %s",
                   request->subject, probe->use);
        doctor_advise(doctor, "allow it to publish to that subject");
    } else if (!probe->is_mute && !request->answer && !request->no_responders) {
        doctor_say(doctor, HEALTH_WARNING, "no answer in time from %s, which %s needs",
                   request->subject, probe->use);
        doctor_advise(doctor, "allow this user to publish to that subject, or look at the server");
    }
}

/* A letter that the stream refuses: it is meant for another stream. */
static void probe_letter(struct doctor *doctor)
{
    char subject[640];
    _cleanup_(cleanup_msg) natsMsg *message = NULL;
    natsMsg *answer = NULL;
    snprintf(subject, sizeof subject, "natsq.dead.%s._.0.0", doctor->dlq->options->origin);
    if (!stream_carries_all(doctor->letters, subject) ||
        natsMsg_Create(&message, subject, NULL, "", 0) != NATS_OK ||
        natsMsgHeader_Set(message, "Nats-Expected-Stream", "natsq-doctor") != NATS_OK)
        return;
    natsStatus s = natsConnection_RequestMsg(&answer, connection_nats(doctor->dlq->connection),
                                             message, probe_wait / DURATION_MS);
    natsMsg_Destroy(answer);
    if (s == NATS_OK)
        return;
    doctor_say(doctor, HEALTH_CRITICAL, "letters cannot be stored on %s: %s", subject,
               connection_denies(doctor->dlq->connection, subject) ? "this user may not publish"
                                                                   : natsStatus_GetText(s));
    doctor_advise(doctor, "allow this user, and that of the workers, to publish to natsq.>");
}

static void expand(const struct doctor *doctor, const char *pattern, char *subject, size_t size)
{
    const struct dlq_options *options = doctor->dlq->options;
    struct dlq_durable decider;
    doctor_find_durable(doctor, DUTY_DECIDE, &decider);
    const char *consumer = doctor->workers.n > 0 ? doctor->workers.items[0].name : "processor";
    size_t used = 0;
    for (const char *at = pattern; *at && used < size; at++) {
        const char one[] = {*at, '\0'};
        const char *text = *at == '@'   ? connection_api(doctor->dlq->connection)
                           : *at == '#' ? options->origin
                           : *at == '&' ? options->stream
                           : *at == '?' ? consumer
                           : *at == '!' ? decider.name
                                        : one;
        used += (size_t)snprintf(subject + used, size - used, "%s", text);
    }
}

static void ask_all(struct doctor *doctor, struct request requests[PROBES])
{
    struct error ignored = {0};
    for (size_t i = 0; i < PROBES; i++) {
        requests[i] = (struct request){.body = probes[i].body};
        expand(doctor, probes[i].subject, requests[i].subject, sizeof requests[i].subject);
    }
    requester_run(doctor->requester, requests, PROBES - MUTE, probe_wait, &ignored);
    requester_run(doctor->requester, requests + PROBES - MUTE, MUTE, mute_wait, &ignored);
}

/* Publishing jobs is not tried: somebody may listen to their subjects. */
void doctor_check_permissions(struct doctor *doctor)
{
    struct request requests[PROBES];
    size_t before = doctor->n;
    if (!doctor->origin || !doctor->letters)
        return;
    ask_all(doctor, requests);
    for (size_t i = 0; i < PROBES; i++)
        say_probe(doctor, &probes[i], &requests[i]);
    requests_clear(requests, PROBES);
    struct dlq_durable decider;
    doctor_find_durable(doctor, DUTY_DECIDE, &decider);
    doctor_probe_acks(doctor, decider.name);
    probe_letter(doctor);
    if (doctor->n == before)
        doctor_say(doctor, HEALTH_GOOD, "this user may do what dlq does (jobs were not published)");
}
