#include "handler/protocol.h"

#include "base/text.h"
#include "nats/header_iterator.h"

#include <stdlib.h>
#include <string.h>

/* protobuf-c's strings are not const, but packing does not change them. */
static char *unconst(const char *text)
{
    return (char *)(uintptr_t)text;
}

static void release_copies(struct protocol_job *protocol_job)
{
    for (size_t i = 0; i < protocol_job->n_copies; i++)
        free(protocol_job->copies[i]);
    free(protocol_job->copies);
    protocol_job->copies = NULL;
    protocol_job->n_copies = 0;
}

/* The text itself, or a copy in which `?` replaces what is not UTF-8. NULL: out of memory. */
static char *utf8_text(struct protocol_job *protocol_job, const char *text)
{
    size_t length = text ? strlen(text) : 0;
    if (length == 0)
        return unconst("");
    if (text_is_utf8(text, length))
        return unconst(text);
    char **copies = realloc(protocol_job->copies, (protocol_job->n_copies + 1) * sizeof *copies);
    if (!copies)
        return NULL;
    protocol_job->copies = copies;
    char *copy = malloc(length + 1);
    if (!copy)
        return NULL;
    text_header_safe(text, length, copy, length + 1);
    return copies[protocol_job->n_copies++] = copy;
}

static int make_header_room(struct protocol_job *protocol_job, size_t n)
{
    if (n <= protocol_job->header_room)
        return 0;
    size_t room = 2 * n;
    Natsq__Header *headers = realloc(protocol_job->headers, room * sizeof *headers);
    protocol_job->headers = headers ? headers : protocol_job->headers;
    Natsq__Header **pointers = realloc(protocol_job->pointers, room * sizeof *pointers);
    protocol_job->pointers = pointers ? pointers : protocol_job->pointers;
    if (!headers || !pointers)
        return -1;
    protocol_job->header_room = room;
    return 0;
}

static int add_header(struct protocol_job *protocol_job, size_t at, const char *name,
                      const char *value)
{
    if (make_header_room(protocol_job, at + 1) < 0)
        return -1;
    Natsq__Header *header = &protocol_job->headers[at];
    *header = (Natsq__Header)NATSQ__HEADER__INIT;
    header->name = utf8_text(protocol_job, name);
    header->value = protocol_job->keeps_bytes ? unconst(value) : utf8_text(protocol_job, value);
    return header->name && header->value ? 0 : -1;
}

static int set_headers(struct protocol_job *protocol_job, natsMsg *message)
{
    size_t n = 0;
    _cleanup_(header_iterator_close) struct header_iterator header = {.message = message};
    while (header_iterator_next(&header))
        if (add_header(protocol_job, n++, header.name, header.value) < 0)
            return -1;
    for (size_t i = 0; i < n; i++) /* set only now, because realloc moves them */
        protocol_job->pointers[i] = &protocol_job->headers[i];
    protocol_job->message.headers = protocol_job->pointers;
    protocol_job->message.n_headers = n;
    return 0;
}

static void set_death(struct protocol_job *protocol_job, const struct letter *letter)
{
    Natsq__Job *job = &protocol_job->message;
    job->reason = utf8_text(protocol_job, letter->reason);
    job->error = utf8_text(protocol_job, letter->error);
    job->deliveries = letter->deliveries;
    job->retries = letter->retries;
}

static void set_body(Natsq__Job *job, const struct job *body)
{
    size_t length;
    const char *bytes = job_body(body, &length);
    job->body.len = length;
    job->body.data = (uint8_t *)unconst(length ? bytes : "");
}

int protocol_job_from_attempt(struct protocol_job *protocol_job, const struct attempt *attempt)
{
    const struct letter *letter = attempt->letter;
    Natsq__Job *job = &protocol_job->message;
    release_copies(protocol_job);
    *job = (Natsq__Job)NATSQ__JOB__INIT;
    job->seq = attempt->seq;
    job->subject = utf8_text(protocol_job, attempt->subject);
    job->stream = utf8_text(protocol_job, attempt->stream);
    job->delivery = attempt->number;
    job->max_deliver = attempt->max > 0 ? attempt->max : -1;
    job->job_id = utf8_text(protocol_job, letter_job_id(attempt->job));
    timestamp_format(attempt->stored_at, 9, protocol_job->timestamp);
    job->timestamp = protocol_job->timestamp;
    if (letter)
        set_death(protocol_job, letter);
    set_body(job, attempt->body);
    if (!job->subject || !job->stream || !job->job_id || !job->reason || !job->error)
        return -1;
    return set_headers(protocol_job, attempt->job->message);
}

void protocol_job_release(struct protocol_job *protocol_job)
{
    release_copies(protocol_job);
    free(protocol_job->headers);
    free(protocol_job->pointers);
    *protocol_job = (struct protocol_job){0};
}
