#include "letter/letter_store.h"

#include "base/array.h"
#include "base/duration.h"
#include "letter/letter_fields.h"
#include "nats/confirm.h"
#include "nats/nats_cleanup.h"
#include "nats/nats_error.h"
#include "nats/requester.h"
#include "queue/stored_messages.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { WINDOW_BYTES = 16 * 1024 * 1024 };

static const int64_t retry_for = 15 * DURATION_S; /* the next delivery tries again */
static const int64_t grace = 5 * DURATION_S;

/* A letter that was sent since the last flush. */
struct sent {
    char subject[LETTER_SUBJECT_MAX];
    struct letter *letter; /* NULL: a copy */
    const struct job *job;
    struct puback *outcome;
    bool bare;         /* without the job's headers, which do not fit */
    uint64_t replaces; /* sequence of the letter that it takes the place of; 0: none */
};

struct letter_store {
    struct connection *connection;
    struct confirm *confirm;
    struct requester *requester;
    const char *stream;
    struct sent *sent;
    size_t n, room;
};

int letter_store_open(struct letter_store **opened, struct connection *connection,
                      const char *stream, size_t window, struct error *error)
{
    const struct confirm_policy policy = {
        .window = window,
        .window_bytes = WINDOW_BYTES,
        .ack_wait = connection_timeout(connection),
        .retry_for = retry_for,
        .wait_for_stream = true,
        .stream = stream,
    };
    _cleanup_(cleanup_letter_store) struct letter_store *store = calloc(1, sizeof *store);
    if (!store)
        return error_set(error, EX_OSERR, "out of memory");
    store->connection = connection;
    store->stream = stream;
    if (confirm_open(&store->confirm, connection, &policy, puback_store_outcome, NULL, error) < 0 ||
        requester_open(&store->requester, connection, error) < 0)
        return -1;
    *opened = take(store);
    return 0;
}

void letter_store_close(struct letter_store *store)
{
    if (!store)
        return;
    confirm_close(store->confirm);
    requester_close(store->requester);
    free(store->sent);
    free(store);
}

static int remember(struct letter_store *store, const struct sent *sent, struct error *error)
{
    struct sent *grown = array_grow(store->sent, store->n, &store->room, sizeof *grown);
    if (!grown)
        return error_set(error, EX_OSERR, "out of memory");
    store->sent = grown;
    store->sent[store->n++] = *sent;
    return 0;
}

static int begin(struct letter_store *store, const char *subject, const void *body, size_t length,
                 struct puback *outcome, natsMsg **message, struct error *error)
{
    *outcome = (struct puback){.kind = PUBACK_AGAIN};
    int made = confirm_message(store->confirm, subject, body, length, message, error);
    if (made > 0) /* a stop, and the window is full: the job will be redelivered */
        return error_set(error, EX_TEMPFAIL, "stopped before the letter was sent");
    return made;
}

/* `s`: whether the headers are written. The stream stores the message only if its subject has none,
 * or the one that this replaces. */
static int finish(struct letter_store *store, const struct sent *sent, natsStatus s,
                  natsMsg **message, struct error *error)
{
    char expected[24];
    snprintf(expected, sizeof expected, "%" PRIu64, sent->replaces);
    if (s == NATS_OK)
        s = natsMsgHeader_Set(*message, "Nats-Expected-Last-Subject-Sequence", expected);
    if (s != NATS_OK)
        return error_nats(error, s, "cannot write a letter");
    confirm_send(store->confirm, take(*message), sent->outcome);
    return 0;
}

static int send(struct letter_store *store, struct sent *sent, struct error *error)
{
    size_t length;
    const char *body = job_body(sent->job, &length);
    _cleanup_(cleanup_msg) natsMsg *message = NULL;
    if (begin(store, sent->subject, body, sent->letter->by_reference ? 0 : length, sent->outcome,
              &message, error) < 0)
        return -1;
    natsStatus s = letter_write(sent->letter, sent->bare ? NULL : sent->job, message);
    return finish(store, sent, s, &message, error);
}

int letter_store_put(struct letter_store *store, const char *state, struct letter *letter,
                     const struct job *job, struct puback *outcome, struct error *error)
{
    struct sent sent = {.letter = letter, .job = job, .outcome = outcome};
    letter_subject(letter, state, sent.subject);
    if (send(store, &sent, error) < 0)
        return -1;
    return remember(store, &sent, error);
}

/* NULL: it stays as it is. */
static natsStatus replace(natsMsg *message, const char *name, const char *value)
{
    natsStatus s = NATS_OK;
    if (value)
        s = *value ? natsMsgHeader_Set(message, name, value) : natsMsgHeader_Delete(message, name);
    return s == NATS_NOT_FOUND ? NATS_OK : s;
}

/* What is different in a copy; NULL and 0: nothing. */
struct changes {
    const char *reason, *error, *edited;
    uint64_t replaces;
};

static int copy(struct letter_store *store, const char *subject, const struct job *from,
                uint64_t retries, const struct changes *changes, struct puback *outcome,
                struct error *error)
{
    struct sent sent = {.outcome = outcome, .replaces = changes->replaces};
    size_t length;
    const char *body = job_body(from, &length);
    _cleanup_(cleanup_msg) natsMsg *message = NULL;
    if (begin(store, subject, body, length, outcome, &message, error) < 0)
        return -1;
    natsStatus s = letter_copy(from, retries, message);
    if (s == NATS_OK)
        s = replace(message, LETTER_REASON, changes->reason);
    if (s == NATS_OK)
        s = replace(message, LETTER_ERROR, changes->error);
    if (s == NATS_OK)
        s = replace(message, LETTER_EDITED, changes->edited);
    if (finish(store, &sent, s, &message, error) < 0)
        return -1;
    snprintf(sent.subject, sizeof sent.subject, "%s", subject);
    return remember(store, &sent, error);
}

int letter_store_copy_as(struct letter_store *store, const char *subject, const struct job *from,
                         uint64_t retries, const char *reason, const char *why,
                         struct puback *outcome, struct error *error)
{
    const struct changes changes = {.reason = reason, .error = why};
    return copy(store, subject, from, retries, &changes, outcome, error);
}

int letter_store_replace(struct letter_store *store, const char *subject, const struct job *from,
                         uint64_t retries, uint64_t replaces, const char *edited,
                         struct puback *outcome, struct error *error)
{
    bool is_letter = retries != LETTER_STORE_UNREADABLE;
    const struct changes changes = {
        .reason = is_letter ? NULL : "unreadable", .edited = edited, .replaces = replaces};
    return copy(store, subject, from, is_letter ? retries : 0, &changes, outcome, error);
}

int letter_store_copy(struct letter_store *store, const char *subject, const struct job *from,
                      uint64_t retries, struct puback *outcome, struct error *error)
{
    return letter_store_replace(store, subject, from, retries, 0, NULL, outcome, error);
}

int letter_store_copy_unreadable(struct letter_store *store, const char *origin,
                                 const struct job *from, struct puback *outcome,
                                 struct error *error)
{
    char subject[LETTER_SUBJECT_MAX];
    letter_unreadable_subject(origin, from->delivery.seq, from->delivery.stored_at, subject);
    return letter_store_copy(store, subject, from, LETTER_STORE_UNREADABLE, outcome, error);
}

static bool is_stored(struct letter_store *store, const char *subject)
{
    struct error ignored = {0};
    struct stored_message stored = {.stream = store->stream, .last_of = subject};
    (void)stored_messages_fetch(store->requester, &stored, 1, &ignored);
    stored_messages_clear(&stored, 1);
    return stored.result == STORED_THERE;
}

/* The job of a letter by reference stays in the origin and may be redelivered; then it must not get
 * a second letter. */
static bool is_lettered(struct letter_store *store, const struct sent *sent)
{
    char held[LETTER_SUBJECT_MAX];
    return is_stored(store, sent->subject) ||
           is_stored(store, letter_subject(sent->letter, SUBJECT_HELD, held));
}

static bool does_not_fit(const struct sent *sent)
{
    return sent->letter && !sent->letter->by_reference &&
           (sent->outcome->kind == PUBACK_TOO_LARGE || puback_headers_too_large(sent->outcome));
}

static int send_by_reference(struct letter_store *store, struct sent *sent, struct error *error)
{
    sent->letter->by_reference = true;
    sent->bare = puback_headers_too_large(sent->outcome);
    if (is_lettered(store, sent)) {
        sent->outcome->kind = PUBACK_STORED;
        return 0;
    }
    log_letter(connection_log(store->connection), LOG_LEVEL_WARN, sent->letter,
               "# %" PRIu64 " is too large for a letter by value: its body stays in %s",
               sent->letter->seq, sent->letter->origin);
    return send(store, sent, error);
}

static int send_large(struct letter_store *store, struct error *error)
{
    int result = 0;
    for (size_t i = 0; i < store->n; i++)
        if (does_not_fit(&store->sent[i]) && send_by_reference(store, &store->sent[i], error) < 0)
            result = -1;
    return result;
}

/* What a letter that is stored already means for ours. */
enum existing {
    EXISTING_SAME,    /* it is about the same death, and ours is not needed */
    EXISTING_EARLIER, /* it may be about an earlier death: ours replaces it */
    EXISTING_UNCLEAR, /* it may be about an earlier death, or somebody else wrote it about this one:
                         it has to be decided first */
};

/* When a consumer is recreated or reset, or the server was killed, a dead job is alive again, and
 * its deliveries count from 1 again. The letter of the earlier death may be settled at any moment,
 * because its job was found alive, so the next death must not rely on it. Fewer deliveries may also
 * mean that a worker stored the letter and was killed before it terminated the job: then the job
 * has two letters, and is put back once, under one message id. A sweep may find the letter of
 * another sweep: it saw the job dead twice, and not alive in between. */
static enum existing compare_existing(const struct letter *letter, const struct job *found)
{
    struct letter there;
    if (!letter || strcmp(letter->reason, LETTER_SWEPT) == 0 || letter_read(&there, found) ||
        there.died_at == letter->died_at)
        return EXISTING_SAME;
    if (there.deliveries >= letter->deliveries)
        return EXISTING_UNCLEAR;
    return there.by_reference ? EXISTING_SAME : EXISTING_EARLIER; /* by reference: the job stays */
}

/* The stored letter may be by reference: then the job must stay in the origin. */
static void settle_existing(struct sent *sent, const struct stored_message *found)
{
    struct puback *outcome = sent->outcome;
    bool is_there = found->result == STORED_THERE;
    enum existing existing = is_there ? compare_existing(sent->letter, &found->job) : EXISTING_SAME;
    if (!is_there || existing != EXISTING_SAME)
        outcome->kind = PUBACK_AGAIN;
    sent->replaces = existing == EXISTING_EARLIER ? found->job.delivery.seq : 0;
    if (existing == EXISTING_UNCLEAR)
        snprintf(outcome->description, sizeof outcome->description,
                 "the letter of an earlier death has to be decided first");
    else if (is_there && sent->letter && job_header(&found->job, LETTER_BODY))
        sent->letter->by_reference = true;
}

/* Reads the existing letters from the leader: the refusal alone proves nothing. */
static int check_existing(struct letter_store *store, struct error *error)
{
    _cleanup_(cleanup_free) struct stored_message *found = calloc(store->n + 1, sizeof *found);
    if (!found)
        return error_set(error, EX_OSERR, "out of memory");
    size_t n = 0, k = 0;
    for (size_t i = 0; i < store->n; i++)
        if (store->sent[i].outcome->kind == PUBACK_EXISTS)
            found[n++] =
                (struct stored_message){.stream = store->stream, .last_of = store->sent[i].subject};
    int result = stored_messages_fetch(store->requester, found, n, error);
    for (size_t i = 0; i < store->n; i++)
        if (store->sent[i].outcome->kind == PUBACK_EXISTS)
            settle_existing(&store->sent[i], &found[k++]);
    stored_messages_clear(found, n);
    return result;
}

/* The letters of earlier deaths stay stored until they are decided, but no longer count. */
static int replace_earlier(struct letter_store *store, struct error *error)
{
    int result = 0;
    bool any = false;
    for (size_t i = 0; i < store->n; i++)
        if (store->sent[i].letter && store->sent[i].replaces > 0) {
            any = true;
            if (send(store, &store->sent[i], error) < 0)
                result = -1;
        }
    confirm_flush(store->confirm, grace);
    return any && check_existing(store, error) < 0 ? -1 : result;
}

int letter_store_flush(struct letter_store *store, struct error *error)
{
    confirm_flush(store->confirm, grace);
    int result = send_large(store, error);
    confirm_flush(store->confirm, grace);
    if (check_existing(store, error) < 0 || replace_earlier(store, error) < 0)
        result = -1;
    for (size_t i = 0; i < store->n && result == 0; i++)
        result = puback_check(store->sent[i].outcome, error);
    store->n = 0;
    return result;
}
