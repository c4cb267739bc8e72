#include "doctor/doctor_checks.h"

#include "base/duration.h"
#include "dlq.h"
#include "doctor/doctor.h"
#include "letter/letter.h"
#include "nats/requester.h"
#include "queue/durable_config.h"
#include "queue/stream.h"

#include <jansson.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

static const int64_t probe_wait = 2 * DURATION_S;
/* For requests that the server does not answer: a denial arrives immediately, or not at all. */
static const int64_t denial_wait = 300 * DURATION_MS;

/* ---- Acknowledgements of our durable: plain subjects, and longer ones (js_ack_fc_v2) */

enum { HASH_LENGTH = 8, FORMS = 2 };

/* The token by which nats-server 2.14 and 2.15 name an account in the longer form. */
static void hash_account(const char *account, char hash[HASH_LENGTH + 1])
{
    static const char digits[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    unsigned char sum[crypto_hash_sha256_BYTES];
    crypto_hash_sha256(sum, (const unsigned char *)account, strlen(account));
    for (size_t i = 0; i < HASH_LENGTH; i++)
        hash[i] = digits[sum[i] % (sizeof digits - 1)];
    hash[HASH_LENGTH] = '\0';
}

/* The caller owns it. NULL: the server did not answer. */
static json_t *fetch_user_info(struct doctor *doctor)
{
    struct error ignored = {0};
    struct request request = {.subject = "$SYS.REQ.USER.INFO"};
    json_t *answer = NULL;
    (void)requester_run(doctor->requester, &request, 1, denial_wait, &ignored);
    if (request.answer)
        answer = json_loadb(natsMsg_GetData(request.answer),
                            (size_t)natsMsg_GetDataLength(request.answer), 0, NULL);
    requests_clear(&request, 1);
    return answer;
}

/* "$JS.ACK.<domain or _>.<account hash>."; false: the server did not report the account. */
static bool find_longer_prefix(struct doctor *doctor, char *prefix, size_t size)
{
    struct error ignored = {0};
    char hash[HASH_LENGTH + 1];
    json_t *user = fetch_user_info(doctor);
    json_t *jetstream = requester_api(doctor->requester, "INFO", NULL, &ignored);
    const char *account =
        json_string_value(json_object_get(json_object_get(user, "data"), "account"));
    const char *domain = json_string_value(json_object_get(jetstream, "domain"));
    if (account) {
        hash_account(account, hash);
        snprintf(prefix, size, "$JS.ACK.%s.%s.", domain && *domain ? domain : "_", hash);
    }
    bool found = account != NULL;
    json_decref(user);
    json_decref(jetstream);
    return found;
}

static void report_acks(struct doctor *doctor, const char *durable,
                        const struct request requests[FORMS], size_t n)
{
    bool plain = !requests[0].denied, longer = n < FORMS || !requests[1].denied;
    if (plain && longer)
        return;
    if (!plain && (n < FORMS || !longer)) {
        doctor_report(doctor, HEALTH_CRITICAL, "this user may not publish to %s, which run needs",
                      requests[0].subject);
        doctor_advise(doctor, "allow it to publish to $JS.ACK.%s.%s.>", doctor->stream, durable);
        return;
    }
    doctor_report(doctor, HEALTH_WARNING,
                  "this user may not publish to %s, which run needs where the server's feature "
                  "flag js_ack_fc_v2 is %s",
                  requests[plain].subject, plain ? "on" : "off");
    doctor_advise(
        doctor,
        "allow it to publish to both forms of the subject: $JS.ACK.%s.%s.> and $JS.ACK.*.*.%s.%s.>",
        doctor->stream, durable, doctor->stream, durable);
}

/* Only a delivery shows which form the server uses, so both are tried. */
static void probe_acks(struct doctor *doctor, const char *durable)
{
    struct error ignored = {0};
    struct request requests[FORMS] = {{.body = "+WPI"}, {.body = "+WPI"}};
    char prefix[FORMS][DELIVERY_PREFIX_MAX] = {DELIVERY_PLAIN_PREFIX};
    size_t n = find_longer_prefix(doctor, prefix[1], sizeof prefix[1]) ? FORMS : 1;
    for (size_t i = 0; i < n; i++)
        snprintf(requests[i].subject, sizeof requests[i].subject,
                 "%s%s.%s.1.18446744073709551615.0.0.0", prefix[i], doctor->stream, durable);
    (void)requester_run(doctor->requester, requests, n, denial_wait, &ignored);
    report_acks(doctor, durable, requests, n);
    requests_clear(requests, n);
}

/* ---- Requests that change nothing, to see whether this user may send them */

struct probe {
    const char *subject; /* @ is our API prefix, # the origin, & the DLQ stream, ? a consumer of the
                            origin, ! the durable of the decider */
    const char *body;
    const char *use;    /* what needs the permission */
    bool is_unanswered; /* the server does not answer it */
};

/* The server refuses a body that names another stream or is cut short (2.15 takes one that is not
 * JSON as a request for one message). Sequence 2^64-1 is never delivered; no letter has sequence 0.
 */
static const struct probe probes[] = {
    {"@.STREAM.MSG.GET.#", "{\"last_by_subj\":\"natsq.doctor\"}", "collect", false},
    {"@.STREAM.MSG.GET.&", "{\"last_by_subj\":\"natsq.doctor\"}", "collect", false},
    {"@.DIRECT.GET.#", "{\"last_by_subj\":\"natsq.doctor\"}", "sweep", false},
    {"@.DIRECT.GET.&", "{\"last_by_subj\":\"natsq.doctor\"}", "list", false},
    {"@.CONSUMER.NAMES.#", "{}", "sweep", false},
    {"@.CONSUMER.INFO.#.?", NULL, "collect", false},
    {"@.CONSUMER.CREATE.&.!", "{\"stream_name\":\"natsq-doctor\",\"config\":{}}", "run", false},
    {"@.CONSUMER.MSG.NEXT.&.!", "{", "run", false},
    {"@.STREAM.PURGE.&", "{\"filter\":\"" LETTER_ROOT SUBJECT_HELD ".doctor._.0.0\"}",
     "retry and discard", false},
    {"$JS.ACK.#.?.1.18446744073709551615.0.0.0", "+WPI", "retire", true},
};

enum {
    PROBES = sizeof probes / sizeof probes[0],
    UNANSWERED = 1, /* the last probe */
    ANSWERED = PROBES - UNANSWERED,
};

static void report_probe(struct doctor *doctor, const struct probe *probe,
                         const struct request *request)
{
    if (connection_denies(doctor->dlq->connection, request->subject)) {
        doctor_report(doctor, HEALTH_CRITICAL, "this user may not publish to %s, which %s needs",
                      request->subject, probe->use);
        doctor_advise(doctor, "allow it to publish to %s", request->subject);
    } else if (!probe->is_unanswered && !request->answer && !request->no_responders) {
        doctor_report(doctor, HEALTH_WARNING, "no answer in time from %s, which %s needs",
                      request->subject, probe->use);
        doctor_advise(doctor, "allow this user to publish to %s, or look at the server",
                      request->subject);
    }
}

/* A letter that the stream refuses, because it names another stream. False: the stream takes none.
 */
static bool prepare_letter(const struct doctor *doctor, struct request *request)
{
    char subject[LETTER_SUBJECT_MAX];
    const struct letter none = {.origin = doctor->origin, .consumer = LETTER_UNREADABLE};
    letter_subject(&none, SUBJECT_DEAD, subject);
    *request = (struct request){.body = "", .header = {"Nats-Expected-Stream", "natsq-doctor"}};
    snprintf(request->subject, sizeof request->subject, "%s", subject);
    return stream_carries_all(doctor->dlq_info, subject);
}

static void report_letter(struct doctor *doctor, const struct request *request)
{
    if (request->answer)
        return;
    doctor_report(
        doctor, HEALTH_CRITICAL, "letters cannot be stored under %s: %s", request->subject,
        connection_denies(doctor->dlq->connection, request->subject) ? "this user may not publish"
                                                                     : "no answer in time");
    doctor_advise(doctor, "allow this user and that of the workers to publish to natsq.>");
}

static void expand(const struct doctor *doctor, const char *pattern, char *subject, size_t size)
{
    const char *consumer = doctor->origin_consumers.n > 0 ? doctor->origin_consumers.items[0].name
                                                          : DURABLE_DEFAULT_NAME;
    size_t used = 0;
    for (const char *at = pattern; *at && used < size; at++) {
        const char one[] = {*at, '\0'};
        const char *text = *at == '@'   ? connection_api(doctor->dlq->connection)
                           : *at == '#' ? doctor->origin
                           : *at == '&' ? doctor->stream
                           : *at == '?' ? consumer
                           : *at == '!' ? doctor->decides.name
                                        : one;
        used += (size_t)snprintf(subject + used, size - used, "%s", text);
    }
}

/* All at once. Does not try to publish jobs: somebody may have subscribed to their subjects. */
void doctor_check_permissions(struct doctor *doctor)
{
    enum { LETTER = ANSWERED, ALL = ANSWERED + 1 };
    struct request requests[ALL + UNANSWERED], *unanswered = requests + ALL;
    struct error ignored = {0};
    for (size_t i = 0; i < PROBES; i++) {
        struct request *request = i < ANSWERED ? &requests[i] : &unanswered[i - ANSWERED];
        *request = (struct request){.body = probes[i].body};
        expand(doctor, probes[i].subject, request->subject, sizeof request->subject);
    }
    bool takes_letters = prepare_letter(doctor, &requests[LETTER]);
    (void)requester_run(doctor->requester, requests, takes_letters ? ALL : ANSWERED, probe_wait,
                        &ignored);
    (void)requester_run(doctor->requester, unanswered, UNANSWERED, denial_wait, &ignored);
    for (size_t i = 0; i < PROBES; i++)
        report_probe(doctor, &probes[i], i < ANSWERED ? &requests[i] : &unanswered[i - ANSWERED]);
    probe_acks(doctor, doctor->decides.name);
    if (takes_letters)
        report_letter(doctor, &requests[LETTER]);
    requests_clear(requests, ALL + UNANSWERED);
}
