#include "handler/protocol.h"

#include "base/cleanup.h"
#include "base/json_text.h"
#include "base/text.h"
#include "handler/json_sanitize.h"
#include "nats/header_json.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

enum { ANSWER_DEPTH = 1 }; /* an answer is one object */

/* `before` is the comma, the name and the colon. */
static void write_member(struct buffer *out, const char *before, const char *text)
{
    buffer_add_text(out, before);
    json_text_add(out, text, strlen(text));
}

static void write_headers(struct buffer *out, const Natsq__Job *job)
{
    const char *before = NULL;
    buffer_add_text(out, ",\"headers\":");
    for (size_t i = 0; i < job->n_headers; i++) {
        header_json_write(out, before, job->headers[i]->name, job->headers[i]->value);
        before = job->headers[i]->name;
    }
    header_json_write_end(out, before);
}

static void write_body(struct buffer *out, const ProtobufCBinaryData *body)
{
    const char *text = (const char *)body->data;
    if (text_is_utf8(text, body->len)) {
        buffer_add_text(out, ",\"body\":");
        json_text_add(out, text, body->len);
        return;
    }
    buffer_add_text(out, ",\"body_base64\":");
    json_text_add_base64(out, body->data, body->len);
}

static void write_death(struct buffer *out, const Natsq__Job *job)
{
    write_member(out, ",\"reason\":", job->reason);
    write_member(out, ",\"error\":", job->error);
    buffer_printf(out, ",\"deliveries\":%" PRIu64 ",\"retries\":%" PRIu64, job->deliveries,
                  job->retries);
}

static void write_job(struct buffer *out, const Natsq__Job *job)
{
    buffer_printf(out, "{\"seq\":%" PRIu64, job->seq);
    write_member(out, ",\"subject\":", job->subject);
    write_member(out, ",\"stream\":", job->stream);
    buffer_printf(out, ",\"delivery\":%" PRId64 ",\"max_deliver\":%" PRId64, job->delivery,
                  job->max_deliver);
    write_member(out, ",\"job_id\":", job->job_id);
    write_member(out, ",\"timestamp\":", job->timestamp);
    write_headers(out, job);
    if (*job->reason)
        write_death(out, job);
    write_body(out, &job->body);
    buffer_add(out, "}\n", 2);
}

static bool read_verdict(const char *text, enum verdict_kind *kind)
{
    static const enum verdict_kind kinds[] = {VERDICT_DONE, VERDICT_RETRY, VERDICT_HOPELESS};
    for (size_t i = 0; text && i < sizeof kinds / sizeof kinds[0]; i++)
        if (strcmp(text, verdict_kind_text(kinds[i])) == 0) {
            *kind = kinds[i];
            return true;
        }
    return false;
}

static const char *read_members(json_t *root, struct protocol_result *result)
{
    const json_t *seq = json_object_get(root, "seq");
    const json_t *error = json_object_get(root, "error");
    if (!json_is_object(root))
        return "its answer is not a JSON object on one line";
    if (!json_is_integer(seq) || json_integer_value(seq) < 0)
        return "its answer has no \"seq\"";
    if (!read_verdict(json_string_value(json_object_get(root, "verdict")), &result->kind))
        return "its answer has no \"verdict\", or an unknown one";
    if (error && !json_is_string(error) && !json_is_null(error))
        return "its answer's \"error\" is not a string";
    result->seq = (uint64_t)json_integer_value(seq);
    result->error[0] = '\0';
    if (json_is_string(error))
        text_header_safe(json_string_value(error), json_string_length(error), result->error,
                         sizeof result->error);
    return NULL;
}

static json_t *load(const char *line, size_t length)
{
    json_t *root = json_loadb(line, length, JSON_ALLOW_NUL, NULL);
    _cleanup_(cleanup_free) char *copy = root ? NULL : malloc(length + 1);
    if (!copy)
        return root;
    memcpy(copy, line, length);
    json_sanitize(copy, length, ANSWER_DEPTH);
    return json_loadb(copy, length, JSON_ALLOW_NUL, NULL);
}

static ssize_t read_result(const char *bytes, size_t length, struct protocol_result *result,
                           const char **fault)
{
    const char *end = memchr(bytes, '\n', length);
    if (!end && length <= PROTOCOL_RESULT_MAX)
        return 0;
    if (!end || end - bytes > PROTOCOL_RESULT_MAX) {
        *fault = "its answer is too long";
        return -1;
    }
    json_t *root = load(bytes, (size_t)(end - bytes));
    *fault = read_members(root, result);
    json_decref(root);
    return *fault ? -1 : end - bytes + 1;
}

const struct protocol_codec protocol_jsonl = {true, write_job, read_result};
