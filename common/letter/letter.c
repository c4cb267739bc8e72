#include "letter/letter.h"

#include "base/cleanup.h"
#include "base/decimal.h"
#include "base/subject.h"
#include "base/text.h"
#include "base/timestamp.h"
#include "nats/header_iterator.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { NUMBER_MAX = 24 };

static const char retry_prefix[] = "retry:";

static bool starts(const char *name, const char *prefix)
{
    return strncasecmp(name, prefix, strlen(prefix)) == 0;
}

const char *letter_subject(const struct letter *letter, const char *state,
                           char subject[LETTER_SUBJECT_MAX])
{
    snprintf(subject, LETTER_SUBJECT_MAX, LETTER_ROOT "%s.%s.%s.%" PRIu64 ".%" PRId64, state,
             letter->origin, letter->consumer, letter->seq, letter->stored_at);
    return subject;
}

const char *letter_unreadable_subject(const char *origin, uint64_t seq, int64_t stored_at,
                                      char subject[LETTER_SUBJECT_MAX])
{
    const struct letter unknown = {
        .origin = origin, .consumer = LETTER_UNREADABLE, .seq = seq, .stored_at = stored_at};
    return letter_subject(&unknown, SUBJECT_HELD, subject);
}

const char *letter_filter(const char *state, const char *origin, const char *consumer, uint64_t seq,
                          char filter[LETTER_SUBJECT_MAX])
{
    char job[NUMBER_MAX + 2] = ">";
    if (seq)
        snprintf(job, sizeof job, "%" PRIu64 ".*", seq);
    if (seq || consumer)
        snprintf(filter, LETTER_SUBJECT_MAX, LETTER_ROOT "%s.%s.%s.%s", state, origin,
                 consumer ? consumer : "*", job);
    else
        snprintf(filter, LETTER_SUBJECT_MAX, LETTER_ROOT "%s.%s.>", state, origin);
    return filter;
}

bool letter_is_held(const char *subject)
{
    static const char held[] = LETTER_ROOT SUBJECT_HELD ".";
    return strncmp(subject, held, sizeof held - 1) == 0;
}

const char *letter_retry_id(const struct letter *letter, uint64_t n, char id[LETTER_SUBJECT_MAX])
{
    snprintf(id, LETTER_SUBJECT_MAX, "%s%s:%" PRIu64 ":%" PRId64 ":%" PRIu64, retry_prefix,
             letter->origin, letter->seq, letter->stored_at, n);
    return id;
}

const char *letter_job_id(const struct job *job)
{
    const char *id = job_header(job, LETTER_JOB_ID);
    if (!id)
        id = job_header(job, "Nats-Msg-Id");
    return id && !starts(id, retry_prefix) ? id : NULL;
}

void letter_about(struct letter *letter, const struct job *job)
{
    letter->subject = job_subject(job);
    letter->seq = job->delivery.seq;
    letter->stored_at = job->delivery.stored_at;
    letter->job_id = letter_job_id(job);
    letter->edited = job_header(job, LETTER_EDITED);
    if (!decimal_parse(job_header(job, LETTER_RETRIES), &letter->retries))
        letter->retries = 0;
}

/* ADR-43, ADR-50, ADR-51 and the headers of publishing; by prefix, to include those of later
 * servers. A job from another stream has Nats-Stream-Source, which the server lets no client
 * publish (2.15). With Nats-Msg-Size an empty letter would look as if it were delivered without its
 * body. */
bool letter_name_makes_server_act(const char *name)
{
    return starts(name, "Nats-Msg-Id") || starts(name, "Nats-Expected-") ||
           starts(name, "Nats-Schedule") || starts(name, "Nats-Rollup") ||
           starts(name, "Nats-TTL") || starts(name, "Nats-Batch-") || starts(name, "Nats-Incr") ||
           starts(name, "Nats-Trace-") || starts(name, "Nats-Stream-Source") ||
           starts(name, "Nats-Msg-Size");
}

/* The name of a header in the copy; NULL: it is not copied. */
typedef const char *rename_rule(natsMsg *from, const char *name, char renamed[256]);

static const char *rename_from_job(natsMsg *from, const char *name, char renamed[256])
{
    if (starts(name, LETTER_WAS))
        return name;
    if (letter_name_is_ours(name))
        return NULL; /* a header of an earlier letter */
    if (!letter_name_makes_server_act(name))
        return name;
    const char *before; /* a job that was put back has the original value already */
    snprintf(renamed, 256, LETTER_WAS "%s", name);
    return natsMsgHeader_Get(from, renamed, &before) == NATS_OK ? NULL : renamed;
}

static const char *rename_from_letter(natsMsg *from, const char *name, char renamed[256])
{
    (void)from;
    (void)renamed;
    return letter_name_makes_server_act(name) || starts(name, LETTER_RETRIES) ? NULL : name;
}

/* Unreadable headers are left out: the body still counts. */
static natsStatus copy_headers(natsMsg *from, rename_rule *rule, natsMsg *to)
{
    char renamed[256];
    natsStatus s = NATS_OK;
    _cleanup_(header_iterator_close) struct header_iterator header = {.message = from};
    while (s == NATS_OK && header_iterator_next(&header)) {
        const char *name = rule(from, header.name, renamed);
        if (name)
            s = natsMsgHeader_Add(to, name, header.value);
    }
    return s == NATS_OK && header.status != NATS_PROTOCOL_ERROR ? header.status : s;
}

static const char *number_text(uint64_t number, char text[NUMBER_MAX])
{
    snprintf(text, NUMBER_MAX, "%" PRIu64, number);
    return text;
}

/* Never truncated: under a partial subject the job would be put back in the wrong place. */
static natsStatus set_text(natsMsg *message, const char *name, const char *text)
{
    if (!text)
        return NATS_OK;
    size_t length = strlen(text);
    _cleanup_(cleanup_free) char *safe = malloc(length + 1);
    if (!safe)
        return NATS_NO_MEMORY;
    text_header_safe(text, length, safe, length + 1);
    return *safe ? natsMsgHeader_Set(message, name, safe) : NATS_OK;
}

natsStatus letter_write(const struct letter *letter, const struct job *job, natsMsg *message)
{
    char seq[NUMBER_MAX], deliveries[NUMBER_MAX], retries[NUMBER_MAX];
    char stored_at[TIMESTAMP_TEXT_MAX], died_at[TIMESTAMP_TEXT_MAX];
    const struct {
        const char *name, *text; /* NULL: left out */
    } headers[] = {
        {LETTER_ORIGIN_STREAM, letter->origin},
        {LETTER_ORIGIN_SEQ, number_text(letter->seq, seq)},
        {LETTER_ORIGIN_TIME, timestamp_format(letter->stored_at, 9, stored_at)},
        {LETTER_ORIGIN_SUBJECT, letter->subject},
        {LETTER_CONSUMER, letter->consumer},
        {LETTER_DELIVERIES, number_text(letter->deliveries, deliveries)},
        {LETTER_RETRIES, number_text(letter->retries, retries)},
        {LETTER_REASON, letter->reason},
        {LETTER_ERROR, letter->error},
        {LETTER_DIED_AT, timestamp_format(letter->died_at, 9, died_at)},
        {LETTER_HOST, letter->host},
        {LETTER_JOB_ID, letter->job_id},
        {LETTER_BODY, letter->by_reference ? "origin" : NULL},
        {LETTER_EDITED, letter->edited},
    };
    natsStatus s = job ? copy_headers(job->message, rename_from_job, message) : NATS_OK;
    for (size_t i = 0; s == NATS_OK && i < sizeof headers / sizeof headers[0]; i++)
        s = set_text(message, headers[i].name, headers[i].text);
    return s;
}

natsStatus letter_copy(const struct job *from, uint64_t retries, natsMsg *message)
{
    char text[NUMBER_MAX];
    natsStatus s = copy_headers(from->message, rename_from_letter, message);
    return s == NATS_OK ? set_text(message, LETTER_RETRIES, number_text(retries, text)) : s;
}

static const char *read_origin(struct letter *letter, const struct job *message)
{
    const char *time = job_header(message, LETTER_ORIGIN_TIME);
    letter->origin = job_header(message, LETTER_ORIGIN_STREAM);
    letter->consumer = job_header(message, LETTER_CONSUMER);
    letter->subject = job_header(message, LETTER_ORIGIN_SUBJECT);
    if (!letter->origin || subject_name_fault(letter->origin))
        return "lacks a valid " LETTER_ORIGIN_STREAM;
    if (!letter->consumer || subject_name_fault(letter->consumer))
        return "lacks a valid " LETTER_CONSUMER;
    /* A server that is not pedantic stores a job published to a subject with a `*` in it. */
    if (!letter->subject || subject_filter_fault(letter->subject))
        return "lacks a valid " LETTER_ORIGIN_SUBJECT;
    if (!decimal_parse(job_header(message, LETTER_ORIGIN_SEQ), &letter->seq) || letter->seq == 0)
        return "lacks a valid " LETTER_ORIGIN_SEQ;
    if (!time || !timestamp_parse(time, &letter->stored_at))
        return "lacks a valid " LETTER_ORIGIN_TIME;
    return NULL;
}

const char *letter_read(struct letter *letter, const struct job *message)
{
    *letter = (struct letter){0};
    const char *died_at = job_header(message, LETTER_DIED_AT);
    const char *fault = read_origin(letter, message);
    if (fault)
        return fault;
    letter->reason = job_header(message, LETTER_REASON);
    letter->error = job_header(message, LETTER_ERROR);
    letter->host = job_header(message, LETTER_HOST);
    letter->job_id = job_header(message, LETTER_JOB_ID);
    letter->edited = job_header(message, LETTER_EDITED);
    letter->by_reference = job_header(message, LETTER_BODY) != NULL;
    if (!letter->reason)
        return "lacks " LETTER_REASON;
    if (!decimal_parse(job_header(message, LETTER_DELIVERIES), &letter->deliveries))
        return "lacks a valid " LETTER_DELIVERIES;
    if (!decimal_parse(job_header(message, LETTER_RETRIES), &letter->retries))
        return "lacks a valid " LETTER_RETRIES;
    if (!died_at || !timestamp_parse(died_at, &letter->died_at))
        return "lacks a valid " LETTER_DIED_AT;
    return NULL;
}

const char *letter_read_of(struct letter *letter, const struct job *message, const char *origin)
{
    char subject[LETTER_SUBJECT_MAX];
    const char *stored = job_subject(message), *fault = letter_read(letter, message);
    if (fault)
        return fault;
    if (strcmp(letter->origin, origin) != 0)
        return "is about another stream";
    letter_subject(letter, letter_is_held(stored) ? SUBJECT_HELD : SUBJECT_DEAD, subject);
    return strcmp(subject, stored) ? "does not agree with its subject" : NULL;
}
