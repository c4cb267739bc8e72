#include "dlq.h"
#include "doctor/doctor.h"

#include "base/duration.h"
#include "nats/requester.h"

#include <jansson.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

/* A refusal comes at once; the server answers none of these otherwise. */
static const int64_t answer_wait = 300 * DURATION_MS;
enum { HASH_LENGTH = 8, FORMS = 2 };

/* As nats-server 2.14 and 2.15 name an account in subjects. */
static void hash_account(const char *account, char hash[HASH_LENGTH + 1])
{
    static const char digits[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    unsigned char sum[crypto_hash_sha256_BYTES];
    crypto_hash_sha256(sum, (const unsigned char *)account, strlen(account));
    for (size_t i = 0; i < HASH_LENGTH; i++)
        hash[i] = digits[sum[i] % (sizeof digits - 1)];
    hash[HASH_LENGTH] = '\0';
}

/* The caller owns it; NULL when the server does not say. */
static json_t *ask_who_we_are(struct doctor *doctor)
{
    struct error ignored = {0};
    struct request request = {.subject = "$SYS.REQ.USER.INFO"};
    json_t *answer = NULL;
    connection_hush(doctor->dlq->connection, true);
    requester_run(doctor->requester, &request, 1, answer_wait, &ignored);
    connection_hush(doctor->dlq->connection, false);
    if (request.answer)
        answer = json_loadb(natsMsg_GetData(request.answer),
                            (size_t)natsMsg_GetDataLength(request.answer), 0, NULL);
    requests_clear(&request, 1);
    return answer;
}

/* "$JS.ACK.<domain or _>.<account hash>."; false when the server does not say enough. */
static bool find_longer_prefix(struct doctor *doctor, char *prefix, size_t size)
{
    struct error ignored = {0};
    char hash[HASH_LENGTH + 1];
    json_t *us = ask_who_we_are(doctor);
    json_t *jetstream = requester_api(doctor->requester, "INFO", NULL, &ignored);
    const char *account =
        json_string_value(json_object_get(json_object_get(us, "data"), "account"));
    const char *domain = json_string_value(json_object_get(jetstream, "domain"));
    if (account) {
        hash_account(account, hash);
        snprintf(prefix, size, "$JS.ACK.%s.%s.", domain && *domain ? domain : "_", hash);
    }
    bool found = account != NULL;
    json_decref(us);
    json_decref(jetstream);
    return found;
}

static void say(struct doctor *doctor, const char *durable, const struct request requests[FORMS],
                size_t n)
{
    bool plain = !requests[0].denied, longer = n < FORMS || !requests[1].denied;
    if (plain && longer)
        return;
    if (!plain && (n < FORMS || !longer)) {
        doctor_say(doctor, HEALTH_CRITICAL, "this user may not publish to %s: no run",
                   requests[0].subject);
        doctor_advise(doctor, "allow it to publish to $JS.ACK.%s.%s.>",
                      doctor->dlq->options->stream, durable);
        return;
    }
    doctor_say(doctor, HEALTH_WARNING,
               "this user may not publish to %s, which `run` needs where the server's feature flag "
               "js_ack_fc_v2 is %s",
               requests[plain].subject, plain ? "on" : "off");
    doctor_advise(doctor,
                  "allow it to publish to both forms of subject: $JS.ACK.%s.%s.> and "
                  "$JS.ACK.*.*.%s.%s.>",
                  doctor->dlq->options->stream, durable, doctor->dlq->options->stream, durable);
}

/* Only deliveries show which form the server uses, so both are tried. */
void doctor_probe_acks(struct doctor *doctor, const char *durable)
{
    struct error ignored = {0};
    struct request requests[FORMS] = {{.body = "+WPI"}, {.body = "+WPI"}};
    char prefix[FORMS][DELIVERY_PREFIX_MAX] = {DELIVERY_PLAIN_PREFIX};
    size_t n = find_longer_prefix(doctor, prefix[1], sizeof prefix[1]) ? FORMS : 1;
    for (size_t i = 0; i < n; i++)
        snprintf(requests[i].subject, sizeof requests[i].subject,
                 "%s%s.%s.1.18446744073709551615.0.0.0", prefix[i], doctor->dlq->options->stream,
                 durable);
    requester_run(doctor->requester, requests, n, answer_wait, &ignored);
    say(doctor, durable, requests, n);
    requests_clear(requests, n);
}
