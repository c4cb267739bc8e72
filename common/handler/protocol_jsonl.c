#include "handler/protocol.h"

#include "base/base64.h"
#include "base/cleanup.h"
#include "base/text.h"
#include "handler/json_sanitize.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

enum { ANSWER_DEPTH = 1 }; /* an answer is one object */

/* We do not write with jansson, so that a body of 1 MiB is escaped in place, and a job costs no
 * allocation. */

static void write_escape(struct buffer *out, unsigned char byte)
{
    static const char names[] = "\"\"\\\\\bb\ff\nn\rr\tt"; /* each followed by its letter */
    for (const char *name = names; *name; name += 2)
        if (byte == (unsigned char)*name) {
            const char escape[] = {'\\', name[1]};
            buffer_add(out, escape, sizeof escape);
            return;
        }
    buffer_printf(out, "\\u%04x", byte);
}

static void write_text(struct buffer *out, const char *text, size_t length)
{
    buffer_add(out, "\"", 1);
    size_t plain = 0; /* start of the part that needs no escape */
    for (size_t i = 0; i < length; i++) {
        unsigned char byte = (unsigned char)text[i];
        if (byte >= 0x20 && byte != '"' && byte != '\\')
            continue;
        buffer_add(out, text + plain, i - plain);
        write_escape(out, byte);
        plain = i + 1;
    }
    buffer_add(out, text + plain, length - plain);
    buffer_add(out, "\"", 1);
}

/* `before` is the comma, the name and the colon. */
static void write_member(struct buffer *out, const char *before, const char *text)
{
    buffer_add_text(out, before);
    write_text(out, text, strlen(text));
}

static void write_headers(struct buffer *out, const Natsq__Job *job)
{
    buffer_add_text(out, ",\"headers\":[");
    for (size_t i = 0; i < job->n_headers; i++) {
        write_member(out, i ? ",{\"name\":" : "{\"name\":", job->headers[i]->name);
        write_member(out, ",\"value\":", job->headers[i]->value);
        buffer_add(out, "}", 1);
    }
    buffer_add(out, "]", 1);
}

static void write_base64(struct buffer *out, const ProtobufCBinaryData *body)
{
    _cleanup_(cleanup_free) char *text = base64_encode(body->data, body->len);
    if (text)
        buffer_add_text(out, text);
    else
        out->failed = true;
}

static void write_body(struct buffer *out, const ProtobufCBinaryData *body)
{
    const char *text = (const char *)body->data;
    if (text_is_utf8(text, body->len)) {
        buffer_add_text(out, ",\"body\":");
        write_text(out, text, body->len);
        return;
    }
    buffer_add_text(out, ",\"body_base64\":\"");
    write_base64(out, body);
    buffer_add(out, "\"", 1);
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

const struct protocol_codec protocol_jsonl = {write_job, read_result};
