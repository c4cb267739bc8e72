#include "handler/protocol.h"

#include "base/text.h"
#include "handler/environment.h"
#include "nats/header_iterator.h"

#include <stdlib.h>
#include <string.h>

/* protobuf-c's texts are not const, but packing only reads them. */
static char *readable(const char *text)
{
    return (char *)(uintptr_t)text;
}

static void release_copies(struct protocol_job *kept)
{
    for (size_t i = 0; i < kept->n_copies; i++)
        free(kept->copies[i]);
    free(kept->copies);
    kept->copies = NULL;
    kept->n_copies = 0;
}

/* The text itself, or a copy with `?` for what is not UTF-8. NULL: out of memory. */
static char *fit(struct protocol_job *kept, const char *text)
{
    size_t length = text ? strlen(text) : 0;
    if (length == 0)
        return readable("");
    if (text_is_utf8(text, length))
        return readable(text);
    char **copies = realloc(kept->copies, (kept->n_copies + 1) * sizeof *copies);
    if (!copies)
        return NULL;
    kept->copies = copies;
    char *copy = malloc(length + 1);
    if (!copy)
        return NULL;
    text_header_safe(text, length, copy, length + 1);
    return copies[kept->n_copies++] = copy;
}

static int make_header_room(struct protocol_job *kept, size_t n)
{
    if (n <= kept->header_room)
        return 0;
    size_t room = 2 * n;
    Natsq__Header *headers = realloc(kept->headers, room * sizeof *headers);
    kept->headers = headers ? headers : kept->headers;
    Natsq__Header **pointers = realloc(kept->pointers, room * sizeof *pointers);
    kept->pointers = pointers ? pointers : kept->pointers;
    if (!headers || !pointers)
        return -1;
    kept->header_room = room;
    return 0;
}

static int add_header(struct protocol_job *kept, size_t at, const char *name, const char *value)
{
    if (make_header_room(kept, at + 1) < 0)
        return -1;
    Natsq__Header *header = &kept->headers[at];
    *header = (Natsq__Header)NATSQ__HEADER__INIT;
    header->name = fit(kept, name);
    header->value = fit(kept, value);
    return header->name && header->value ? 0 : -1;
}

static int take_headers(struct protocol_job *kept, natsMsg *message)
{
    size_t n = 0;
    _cleanup_(header_iterator_close) struct header_iterator header = {.message = message};
    while (header_iterator_next(&header))
        if (add_header(kept, n++, header.name, header.value) < 0)
            return -1;
    for (size_t i = 0; i < n; i++) /* now that they do not move any more */
        kept->pointers[i] = &kept->headers[i];
    kept->message.headers = kept->pointers;
    kept->message.n_headers = n;
    return 0;
}

static void take_death(struct protocol_job *kept, const struct letter *letter)
{
    Natsq__Job *job = &kept->message;
    job->reason = fit(kept, letter->reason);
    job->error = fit(kept, letter->error);
    job->deliveries = letter->deliveries;
    job->retries = letter->retries;
}

static void take_body(Natsq__Job *job, const struct job *body)
{
    size_t length;
    const char *bytes = job_body(body, &length);
    job->body.len = length;
    job->body.data = (uint8_t *)readable(length ? bytes : "");
}

int protocol_job_from_attempt(struct protocol_job *kept, const struct attempt *attempt)
{
    const struct letter *letter = attempt->letter;
    Natsq__Job *job = &kept->message;
    release_copies(kept);
    *job = (Natsq__Job)NATSQ__JOB__INIT;
    job->seq = attempt->seq;
    job->subject = fit(kept, attempt->subject);
    job->stream = fit(kept, attempt->stream);
    job->delivery = attempt->number;
    job->max_deliver = attempt->max > 0 ? attempt->max : -1;
    job->job_id = fit(kept, letter_job_id(attempt->job));
    timestamp_format(attempt->stored_at, 9, kept->timestamp);
    job->timestamp = kept->timestamp;
    if (letter)
        take_death(kept, letter);
    take_body(job, attempt->body);
    if (!job->subject || !job->stream || !job->job_id || !job->reason || !job->error)
        return -1;
    return take_headers(kept, attempt->job->message);
}

void protocol_job_release(struct protocol_job *kept)
{
    release_copies(kept);
    free(kept->headers);
    free(kept->pointers);
    *kept = (struct protocol_job){0};
}
