#include "queue/stream_reader.h"

#include "base/program_name.h"
#include "base/stop.h"
#include "base/subject.h"
#include "base/timestamp.h"
#include "nats/denials.h"
#include "nats/inbox.h"
#include "nats/nats_cleanup.h"
#include "nats/nats_error.h"
#include "queue/added_header.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

/* Much more than a caller processes at once, so that more messages arrive while it works. */
enum { BATCH = 8192, BATCH_BYTES = 4 * 1024 * 1024 };

/* Which request comes next. */
enum stage {
    FIRST, /* the stream's first message, of any subject */
    ALONE, /* one message: before a batch the server counts all that match (100 ms for a million) */
    BATCHES, /* the rest */
};

struct stream_reader {
    struct connection *connection;
    struct inbox *inbox;
    char subject[640];
    char *filter, *filter_json; /* the latter quoted */
    enum stage stage;
    uint64_t end_seq;      /* the last sequence to read; 0: to the end of the stream */
    uint64_t next_seq;     /* where the next request begins */
    uint64_t previous_seq; /* of the previous message in this batch; 0 at its beginning */
    uint64_t pending;      /* how many followed the first message of this batch */
    int batch;             /* messages in a request */
    uint64_t token;        /* the token of the request that is being answered */
    bool is_requested, is_at_end;
};

/* Quoted for JSON: a subject may contain quotes. */
static char *quoted(const char *text)
{
    json_t *string = json_string(text);
    char *json = json_dumps(string, JSON_ENCODE_ANY);
    json_decref(string);
    return json;
}

int stream_reader_open(struct stream_reader **opened, struct connection *connection,
                       const char *stream, const char *filter, uint64_t first, struct error *error)
{
    _cleanup_(cleanup_stream_reader) struct stream_reader *reader = calloc(1, sizeof *reader);
    if (!reader || !(reader->filter = strdup(filter)) || !(reader->filter_json = quoted(filter)))
        return error_set(error, EX_OSERR, "out of memory");
    reader->connection = connection;
    reader->batch = BATCH;
    reader->next_seq = first ? first : 1;
    reader->stage = first ? FIRST : ALONE;
    snprintf(reader->subject, sizeof reader->subject, "%s.DIRECT.GET.%s",
             connection_api(connection), stream);
    if (inbox_open(&reader->inbox, connection, error) < 0)
        return -1;
    *opened = take(reader);
    return 0;
}

void stream_reader_close(struct stream_reader *reader)
{
    if (!reader)
        return;
    inbox_close(reader->inbox);
    free(reader->filter);
    free(reader->filter_json);
    free(reader);
}

void stream_reader_end_at(struct stream_reader *reader, uint64_t last)
{
    reader->end_seq = last;
    reader->is_at_end = last == 0;
}

static int write_request(const struct stream_reader *reader, char *body, size_t size)
{
    char batch[64] = "";
    if (reader->stage == FIRST)
        return snprintf(body, size, "{\"seq\":%" PRIu64 "}", reader->next_seq);
    if (reader->stage == BATCHES)
        snprintf(batch, sizeof batch, ",\"batch\":%d,\"max_bytes\":%d", reader->batch, BATCH_BYTES);
    return snprintf(body, size, "{\"seq\":%" PRIu64 ",\"next_by_subj\":%s%s}", reader->next_seq,
                    reader->filter_json, batch);
}

static int request(struct stream_reader *reader, struct error *error)
{
    char body[1024], reply[INBOX_REPLY_MAX];
    reader->token++;
    reader->previous_seq = 0;
    if ((size_t)write_request(reader, body, sizeof body) >= sizeof body)
        return error_set(error, EX_USAGE, "a subject filter of %zu bytes is too long",
                         strlen(reader->filter));
    natsStatus s =
        natsConnection_PublishRequestString(connection_nats(reader->connection), reader->subject,
                                            inbox_reply(reader->inbox, reader->token, reply), body);
    reader->is_requested = true;
    return s == NATS_OK ? 0 : error_nats(error, s, "cannot read the stream");
}

/* A status ends the answer to a request. 0: send the next request. 1: the stream is at its end. */
static int take_status(struct stream_reader *reader, natsMsg *answer, struct error *error)
{
    const char *status = "", *description = "", *pending = "0";
    natsMsgHeader_Get(answer, "Status", &status);
    natsMsgHeader_Get(answer, "Description", &description);
    natsMsgHeader_Get(answer, "Nats-Num-Pending", &pending);
    reader->is_requested = false;
    if (reader->stage == FIRST) { /* it was removed meanwhile */
        reader->stage = ALONE;
        return 0;
    }
    reader->is_at_end = strcmp(status, "404") == 0 || strcmp(pending, "0") == 0;
    if (strcmp(status, "204") == 0 || strcmp(status, "404") == 0)
        return reader->is_at_end ? 1 : 0;
    return error_set(error, EX_UNAVAILABLE, "cannot read the stream: %s %s", status, description);
}

/* The headers that the server adds (added_header.h); those that the job has itself stay. */
static const char *const added[] = {"Nats-Stream",     "Nats-Subject",     "Nats-Sequence",
                                    "Nats-Time-Stamp", "Nats-Num-Pending", "Nats-Last-Sequence"};
enum { ADDED_ALONE = 4, ADDED_IN_BATCH = 6 };

static natsStatus add_values(natsMsg *message, const char *name, const char **values, int n)
{
    natsStatus s = NATS_OK;
    for (int i = 0; s == NATS_OK && i < n; i++)
        s = natsMsgHeader_Add(message, name, values[i]);
    return s;
}

/* A second message keeps the values that stay while the header is deleted. */
static natsStatus drop_last_of(natsMsg *message, const char *name, const char **values, int n)
{
    _cleanup_(cleanup_msg) natsMsg *kept = NULL;
    const char **own = NULL;
    natsStatus s = natsMsg_Create(&kept, name, NULL, NULL, 0);
    if (s == NATS_OK)
        s = add_values(kept, name, values, n - 1);
    if (s == NATS_OK)
        s = natsMsgHeader_Delete(message, name);
    if (s == NATS_OK)
        s = natsMsgHeader_Values(kept, name, &own, &n);
    if (s == NATS_OK)
        s = add_values(message, name, own, n);
    free(own);
    return s;
}

static natsStatus drop_last(natsMsg *message, const char *name)
{
    const char **values = NULL;
    int n = 0;
    natsStatus s = natsMsgHeader_Values(message, name, &values, &n);
    if (s == NATS_OK)
        s = n == 1 ? natsMsgHeader_Delete(message, name) : drop_last_of(message, name, values, n);
    free(values);
    return s == NATS_NOT_FOUND ? NATS_OK : s;
}

static natsStatus drop_added(natsMsg *message, size_t n)
{
    natsStatus s = NATS_OK;
    for (size_t i = 0; s == NATS_OK && i < n; i++)
        s = drop_last(message, added[i]);
    return s;
}

static void note_pending(struct stream_reader *reader, natsMsg *answer)
{
    const char *pending = added_header(answer, "Nats-Num-Pending");
    reader->pending = pending ? strtoull(pending, NULL, 10) : 0;
}

/* Makes the stored message from the answer, whose ownership it takes when it returns 0. */
static int take_message(struct stream_reader *reader, natsMsg *answer, struct job *message,
                        struct error *error)
{
    const char *seq = added_header(answer, "Nats-Sequence");
    const char *time = added_header(answer, "Nats-Time-Stamp");
    const char *stored = added_header(answer, "Nats-Subject");
    const char *before = added_header(answer, "Nats-Last-Sequence");
    *message = (struct job){0};
    if (!stored || !seq || !time || !timestamp_parse(time, &message->delivery.stored_at))
        return error_set(error, EX_SOFTWARE, "the server's answer lacks parts of the message");
    if (reader->stage == BATCHES &&
        (!before || strtoull(before, NULL, 10) != reader->previous_seq)) /* lost in a reconnect */
        return error_set(error, EX_UNAVAILABLE,
                         "cannot read the stream: a message was lost on the way");
    if (reader->stage == BATCHES && reader->previous_seq == 0)
        note_pending(reader, answer);
    message->delivery.seq = reader->previous_seq = strtoull(seq, NULL, 10);
    reader->next_seq = message->delivery.seq + 1;
    message->subject = strdup(stored);
    natsStatus s = NATS_NO_MEMORY;
    if (message->subject)
        s = drop_added(answer, reader->stage == BATCHES ? ADDED_IN_BATCH : ADDED_ALONE);
    if (s != NATS_OK) {
        job_clear(message);
        return error_nats(error, s, "cannot read a stored message");
    }
    message->message = answer;
    return 0;
}

/* 0: `message` matches the filter. 2: it does not; continue. */
static int take_first(struct stream_reader *reader, struct job *message)
{
    reader->is_requested = false;
    if (subject_covers(reader->filter, job_subject(message))) {
        reader->stage = BATCHES;
        return 0;
    }
    reader->next_seq--; /* the server searches for the filter from there */
    reader->stage = ALONE;
    job_clear(message);
    return 2;
}

/* 0: `message` is within the range. 1: it is beyond the end. */
static int check_end(struct stream_reader *reader, struct job *message)
{
    if (reader->end_seq == 0 || message->delivery.seq <= reader->end_seq)
        return 0;
    reader->is_at_end = true;
    job_clear(message);
    return 1;
}

static int no_direct_gets(const struct stream_reader *reader, struct error *error)
{
    const char *stream = strrchr(reader->subject, '.') + 1;
    return error_set(error, EX_CONFIG,
                     "stream '%s' does not allow direct gets; to allow them: %s stream edit %s -f "
                     "--allow-direct",
                     stream, program_call("nats"), stream);
}

/* 0: `message` is the next. 1: the end. 2: continue. Takes ownership of the answer. */
static int take_answer(struct stream_reader *reader, natsMsg *given, struct job *message,
                       struct error *error)
{
    _cleanup_(cleanup_msg) natsMsg *answer = given;
    const char *stored;
    if (natsMsg_IsNoResponders(answer))
        return no_direct_gets(reader, error);
    if (natsMsgHeader_Get(answer, "Nats-Sequence", &stored) != NATS_OK) {
        int ended = take_status(reader, answer, error);
        return ended == 0 ? 2 : ended;
    }
    if (take_message(reader, answer, message, error) < 0)
        return -1;
    answer = NULL;
    if (reader->stage == FIRST) {
        int first = take_first(reader, message);
        return first == 0 ? check_end(reader, message) : first;
    }
    reader->is_requested = reader->stage == BATCHES;
    reader->stage = BATCHES;
    return check_end(reader, message);
}

static int check_denials(const struct stream_reader *reader, struct error *error)
{
    if (connection_denies(reader->connection, reader->subject))
        return denials_error(error, "publish", reader->subject);
    return inbox_check_permission(reader->inbox, error);
}

int stream_reader_next(struct stream_reader *reader, struct job *message, struct error *error)
{
    while (!reader->is_at_end && !stop_requested()) {
        _cleanup_(cleanup_msg) natsMsg *answer = NULL;
        uint64_t token;
        if (!reader->is_requested && request(reader, error) < 0)
            return -1;
        int got =
            inbox_take(reader->inbox, connection_timeout(reader->connection), &answer, &token);
        if (got == 3 && check_denials(reader, error) < 0)
            return -1;
        if (got == 1)
            return error_set(error, EX_UNAVAILABLE, "cannot read the stream: no answer in time");
        if (got != 0 || token != reader->token)
            continue;
        int taken = take_answer(reader, take(answer), message, error);
        if (taken != 2)
            return taken;
    }
    return 1;
}

int stream_reader_count(struct stream_reader *reader, uint64_t *n, struct error *error)
{
    struct job first;
    reader->stage = BATCHES;
    reader->batch = 1;
    int result = stream_reader_next(reader, &first, error);
    *n = result == 0 ? reader->pending + 1 : 0;
    if (result == 0)
        job_clear(&first);
    return result < 0 ? -1 : 0;
}
