#include "queue/job.h"

#include "base/base64.h"
#include "base/cleanup.h"
#include "base/timestamp.h"
#include "nats/api_answer.h"
#include "nats/nats_error.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

int job_from_delivery(struct job *job, natsMsg *message, struct error *error)
{
    *job = (struct job){.message = message};
    if (delivery_parse(natsMsg_GetReply(message), &job->delivery))
        return 0;
    job_clear(job);
    return error_set(error, EX_SOFTWARE, "a delivery has a reply subject of an unknown form");
}

/* The server omits what is empty. NULL: not base64. */
static char *decode(json_t *text, size_t *length)
{
    if (text && !json_is_string(text))
        return NULL;
    return base64_decode(text ? json_string_value(text) : "", json_string_length(text), length);
}

/* Adds the headers of a block ("NATS/1.0\r\nName: value\r\n…\r\n\r\n") to a message. */
static natsStatus add_headers(natsMsg *message, char *block)
{
    natsStatus s = NATS_OK;
    char *rest = block;
    strsep(&rest, "\n"); /* the version line */
    for (char *line; s == NATS_OK && (line = strsep(&rest, "\n"));) {
        char *colon = strchr(line, ':');
        if (!colon || colon == line)
            continue; /* the server does not check blocks; nats.c refuses an empty name */
        *colon = '\0';
        char *value = colon + 1 + strspn(colon + 1, " \t");
        value[strcspn(value, "\r")] = '\0';
        s = natsMsgHeader_Add(message, line, value);
    }
    return s;
}

static int fill(struct job *job, json_t *stored, struct error *error)
{
    const char *subject = json_string_value(json_object_get(stored, "subject"));
    const char *time = json_string_value(json_object_get(stored, "time"));
    size_t length, header_length;
    _cleanup_(cleanup_free) char *body = decode(json_object_get(stored, "data"), &length);
    _cleanup_(cleanup_free) char *headers = decode(json_object_get(stored, "hdrs"), &header_length);
    json_int_t seq = json_integer_value(json_object_get(stored, "seq"));
    if (!subject || seq <= 0 || !time || !timestamp_parse(time, &job->delivery.stored_at) ||
        !body || !headers)
        return error_set(error, EX_SOFTWARE, "the server's answer lacks parts of the message");
    job->delivery.seq = (uint64_t)seq;
    natsStatus s = natsMsg_Create(&job->message, subject, NULL, body, (int)length);
    if (s == NATS_OK)
        s = add_headers(job->message, headers);
    return s == NATS_OK ? 0 : error_nats(error, s, "cannot read a stored message");
}

int job_from_stored(struct job *job, natsMsg *message, struct error *error)
{
    _cleanup_(json_decrefp) json_t *answer = api_answer_parse(message);
    *job = (struct job){0};
    if (api_answer_error(answer) == JSNoMessageFoundErr)
        return 1;
    if (json_object_get(answer, "error"))
        return error_set(error, EX_UNAVAILABLE, "cannot read a stored message: %s",
                         api_answer_reason(answer));
    int result = fill(job, json_object_get(answer, "message"), error);
    if (result != 0)
        job_clear(job);
    return result;
}

const char *job_subject(const struct job *job)
{
    return job->subject ? job->subject : natsMsg_GetSubject(job->message);
}

const char *job_body(const struct job *job, size_t *length)
{
    *length = (size_t)natsMsg_GetDataLength(job->message);
    return natsMsg_GetData(job->message);
}

const char *job_body_text(const struct job *job, char text[TEXT_MAX])
{
    size_t length;
    const char *body = job_body(job, &length);
    return text_escape(body, length, text);
}

const char *job_header(const struct job *job, const char *name)
{
    const char *value = NULL;
    return natsMsgHeader_Get(job->message, name, &value) == NATS_OK ? value : NULL;
}

bool job_is_bodiless(const struct job *job)
{
    return natsMsg_GetDataLength(job->message) == 0 && job_header(job, "Nats-Msg-Size");
}

void job_clear(struct job *job)
{
    natsMsg_Destroy(take(job->message));
    free(take(job->subject));
}
