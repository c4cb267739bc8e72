#include "letters/requeuer.h"

#include "base/duration.h"
#include "letter/content_hash.h"
#include "nats/confirm.h"
#include "nats/nats_cleanup.h"
#include "nats/nats_error.h"
#include "queue/stored_subjects.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

enum { WINDOW = 1024, WINDOW_BYTES = 16 * 1024 * 1024 };

static const int64_t retry_for = 15 * DURATION_S; /* the next delivery tries again */
static const int64_t grace = 5 * DURATION_S;

struct requeuer {
    struct confirm *confirm;
    const json_t *config; /* the origin's configuration, or NULL */
};

int requeuer_open(struct requeuer **opened, struct connection *connection, const json_t *config,
                  struct error *error)
{
    const struct confirm_policy policy = {
        .window = WINDOW,
        .window_bytes = WINDOW_BYTES,
        .ack_wait = connection_timeout(connection),
        .retry_for = retry_for,
        .wait_for_stream = true,
    };
    _cleanup_(cleanup_requeuer) struct requeuer *requeuer = calloc(1, sizeof *requeuer);
    if (!requeuer)
        return error_set(error, EX_OSERR, "out of memory");
    requeuer->config = config;
    if (confirm_open(&requeuer->confirm, connection, &policy, puback_store_outcome, NULL, error) <
        0)
        return -1;
    *opened = take(requeuer);
    return 0;
}

void requeuer_close(struct requeuer *requeuer)
{
    if (!requeuer)
        return;
    confirm_close(requeuer->confirm);
    free(requeuer);
}

/* A stream that maps subjects, or gets them from other streams, stores a job under another subject
 * than it was published to. */
static bool find_way(const struct requeuer *requeuer, const struct letter *letter,
                     struct way_back *way)
{
    way->through = NULL;
    if (requeuer->config)
        return stored_subjects_way_back(requeuer->config, letter->subject, way);
    return snprintf(way->to, sizeof way->to, "%s", letter->subject) < (int)sizeof way->to;
}

bool requeuer_can_reach(const struct requeuer *requeuer, const struct letter *letter)
{
    struct way_back way;
    return find_way(requeuer, letter, &way);
}

static natsStatus copy_headers(const struct letter *letter, const struct job *from, bool is_letter,
                               natsMsg *message)
{
    struct letter next = *letter;
    next.retries++;
    next.by_reference = false;
    return is_letter ? letter_copy(from, next.retries, message)
                     : letter_write(&next, from, message);
}

int requeuer_headers(const struct letter *letter, const struct job *from, bool is_letter,
                     struct job *headers, struct error *error)
{
    natsStatus s = natsMsg_Create(&headers->message, job_subject(from), NULL, NULL, 0);
    if (s == NATS_OK)
        s = copy_headers(letter, from, is_letter, headers->message);
    return s == NATS_OK ? 0 : error_nats(error, s, "cannot read a job's headers");
}

/* An edited job is another one than the job that was put back, perhaps, by a retry that was
 * interrupted before. */
static natsStatus set_id(const struct letter *letter, uint64_t retries, natsMsg *message)
{
    char id[LETTER_SUBJECT_MAX], edited_id[LETTER_SUBJECT_MAX + CONTENT_HASH_TEXT];
    char hash[CONTENT_HASH_TEXT];
    const char *edited;
    letter_retry_id(letter, retries, id);
    if (natsMsgHeader_Get(message, LETTER_EDITED, &edited) != NATS_OK)
        return natsMsgHeader_Set(message, "Nats-Msg-Id", id);
    natsStatus s = content_hash(message, job_edit_is_own, natsMsg_GetData(message),
                                (size_t)natsMsg_GetDataLength(message), hash);
    snprintf(edited_id, sizeof edited_id, "%s:%s", id, hash);
    return s == NATS_OK ? natsMsgHeader_Set(message, "Nats-Msg-Id", edited_id) : s;
}

/* `through`: the stream that must store the job, not another one with the same subject. */
static natsStatus write_headers(const struct letter *letter, const struct job *from, bool is_letter,
                                const struct job_edit *edit, const char *through, natsMsg *message)
{
    natsStatus s = copy_headers(letter, from, is_letter, message);
    if (s == NATS_OK && edit)
        s = job_edit_apply(edit, message);
    if (s == NATS_OK)
        s = set_id(letter, letter->retries + 1, message);
    if (s == NATS_OK && through)
        s = natsMsgHeader_Set(message, "Nats-Expected-Stream", through);
    return s;
}

int requeuer_send(struct requeuer *requeuer, const struct letter *letter, const struct job *from,
                  bool is_letter, const struct job_edit *edit, struct puback *outcome,
                  struct error *error)
{
    _cleanup_(cleanup_msg) natsMsg *message = NULL;
    struct way_back way;
    size_t length;
    const char *body = job_body(from, &length);
    if (edit && edit->has_body) {
        body = edit->body;
        length = edit->length;
    }
    *outcome = (struct puback){.kind = PUBACK_AGAIN};
    if (!find_way(requeuer, letter, &way))
        return error_set(error, EX_CONFIG,
                         "# %" PRIu64 ": no message can be published into stream %s as %s: put it "
                         "back with 'retry --to SUBJECT'",
                         letter->seq, letter->origin, letter->subject);
    int made = confirm_message(requeuer->confirm, way.to, body, length, &message, error);
    if (made != 0) /* after a stop the letter is redelivered */
        return made < 0 ? -1 : error_set(error, EX_TEMPFAIL, "stopped before a job was put back");
    natsStatus s = write_headers(letter, from, is_letter, edit, way.through, message);
    if (s != NATS_OK)
        return error_nats(error, s, "cannot write a job's headers");
    confirm_send(requeuer->confirm, take(message), outcome);
    return 0;
}

void requeuer_flush(struct requeuer *requeuer)
{
    confirm_flush(requeuer->confirm, grace);
}
