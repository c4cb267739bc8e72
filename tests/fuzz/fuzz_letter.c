/* Header lines of any kind, read as a letter and as a job's own: an accepted letter keeps its name
 * when it is copied, and a job with any headers becomes a letter that can be read. */
#include "letter/letter.h"

#include "base/cleanup.h"
#include "base/timestamp.h"
#include "fuzz.h"

#include <jansson.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

enum { RETRIES = 7 };

static char *encode(const unsigned char *bytes, size_t length)
{
    size_t size = sodium_base64_encoded_len(length, sodium_base64_VARIANT_ORIGINAL);
    char *text = malloc(size);
    check(text != NULL);
    return sodium_bin2base64(text, size, bytes, length, sodium_base64_VARIANT_ORIGINAL);
}

/* The server's answer about a message with these header lines. */
static void stored(const unsigned char *lines, size_t length, struct job *message)
{
    static const char version[] = "NATS/1.0\r\n";
    size_t before = sizeof version - 1;
    struct error error = {0};
    natsMsg *answer = NULL;
    _cleanup_(cleanup_free) unsigned char *block = malloc(before + length);
    check(block != NULL);
    memcpy(block, version, before);
    memcpy(block + before, lines, length);
    _cleanup_(cleanup_free) char *headers = encode(block, before + length);
    json_t *json = json_pack("{s:{s:s, s:i, s:s, s:s}}", "message", "subject", "orders.new", "seq",
                             12, "time", "2026-11-24T23:10:56.123456789Z", "hdrs", headers);
    _cleanup_(cleanup_free) char *text = json_dumps(json, JSON_COMPACT);
    json_decref(json);
    check(natsMsg_Create(&answer, "_INBOX.x", NULL, text, (int)strlen(text)) == NATS_OK);
    check(job_from_stored(message, answer, &error) == 0);
    natsMsg_Destroy(answer);
}

static void check_same(const struct letter *letter, const struct letter *back)
{
    char subject[LETTER_SUBJECT_MAX], again[LETTER_SUBJECT_MAX];
    check(strcmp(letter_subject(letter, SUBJECT_HELD, subject),
                 letter_subject(back, SUBJECT_HELD, again)) == 0);
    check(strlen(subject) < LETTER_SUBJECT_MAX - 1);
    check(strcmp(letter_retry_id(letter, RETRIES, subject),
                 letter_retry_id(back, RETRIES, again)) == 0);
    check(letter->deliveries == back->deliveries && letter->died_at == back->died_at);
    check(strcmp(letter->subject, back->subject) == 0);
    check(strcmp(letter->reason, back->reason) == 0);
}

static void check_copy(const struct letter *letter, const struct job *message)
{
    struct letter back;
    struct job copy = {0};
    check(natsMsg_Create(&copy.message, "natsq.held.x", NULL, NULL, 0) == NATS_OK);
    check(letter_copy(message, RETRIES, copy.message) == NATS_OK);
    check(letter_read(&back, &copy) == NULL);
    check_same(letter, &back);
    check(back.retries == RETRIES && back.by_reference == letter->by_reference);
    job_clear(&copy);
}

static void check_death(const struct job *job)
{
    struct letter back, letter = {.origin = "orders_stream",
                                  .consumer = "processor",
                                  .reason = "exit 1",
                                  .deliveries = 2,
                                  .died_at = job->delivery.stored_at + 1};
    struct job written = {0};
    letter_about(&letter, job);
    check(natsMsg_Create(&written.message, "natsq.dead.x", NULL, NULL, 0) == NATS_OK);
    check(letter_write(&letter, job, written.message) == NATS_OK);
    check(letter_read(&back, &written) == NULL);
    check_same(&letter, &back);
    check(back.retries == letter.retries && !back.by_reference);
    job_clear(&written);
}

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t length)
{
    struct job message;
    struct letter letter;
    open_nats();
    check(sodium_init() >= 0);
    stored(bytes, length, &message);
    if (letter_read(&letter, &message) == NULL)
        check_copy(&letter, &message);
    check_death(&message);
    job_clear(&message);
    return 0;
}
