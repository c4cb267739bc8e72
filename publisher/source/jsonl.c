#include "source/jsonl.h"

#include "base/array.h"
#include "base/base64.h"
#include "base/cleanup.h"
#include "base/subject.h"
#include "base/text.h"
#include "letter/letter_names.h"
#include "nats/header_json.h"
#include "publisher_options.h"

#include <errno.h>
#include <jansson.h>
#include <stdarg.h>
#include <string.h>

static const char out_of_memory[] = "does not fit into memory";

__attribute__((format(printf, 2, 3))) static const char *fault(struct jsonl *job,
                                                               const char *format, ...)
{
    va_list words;
    va_start(words, format);
    vsnprintf(job->fault, sizeof job->fault, format, words);
    va_end(words);
    return job->fault;
}

/* A name from the input, for an error. */
static const char *shown(const char *name, char text[TEXT_MAX])
{
    text_escape(name, strnlen(name, 60), text);
    return text;
}

static const char *read_subject(struct jsonl *job, const char *value, size_t length)
{
    job->subject = value;
    const char *why = strlen(value) != length          ? "has a NUL in it"
                      : length > PUBLISHER_SUBJECT_MAX ? "is too long"
                                                       : subject_fault(value);
    return why ? fault(job, "its \"subject\" %s", why) : NULL;
}

static const char *read_id(struct jsonl *job, const char *value, size_t length)
{
    job->id = value;
    const char *why = header_id_fault(value, length);
    return why ? fault(job, "its \"id\" %s", why) : NULL;
}

bool jsonl_add_header(struct jsonl *job, const char *name, const char *value)
{
    struct header *grown =
        array_grow(job->headers, job->n_headers, &job->headers_room, sizeof *grown);
    if (!grown)
        return false;
    job->headers = grown;
    job->headers[job->n_headers++] = (struct header){name, value};
    return true;
}

/* Whether a header of a letter is one of its job. */
static bool take_letter_header(struct jsonl *job, const char *name, const char *value)
{
    if (strcasecmp(name, LETTER_ORIGIN_SUBJECT) == 0)
        job->letter_subject = value;
    job->is_by_reference = job->is_by_reference || strcasecmp(name, LETTER_BODY) == 0;
    if (strcasecmp(name, "Nats-Expected-Last-Subject-Sequence") == 0)
        return false; /* with which the letter was stored */
    return !letter_name_is_ours(name) || strcasecmp(name, LETTER_JOB_ID) == 0 ||
           strncasecmp(name, LETTER_WAS, strlen(LETTER_WAS)) == 0;
}

static const char *read_header(void *closure, const char *name, size_t length, const char *value,
                               size_t value_length)
{
    struct jsonl *job = closure;
    char text[TEXT_MAX];
    if (!value)
        return fault(job, "its header '%s' is not a string", shown(name, text));
    if (job->is_letter && !take_letter_header(job, name, value))
        return NULL;
    const char *why = header_fault(name, length, value, value_length);
    if (why)
        return fault(job, "its header '%s' %s", shown(name, text), why);
    return jsonl_add_header(job, name, value) ? NULL : out_of_memory;
}

static const char *read_body(struct jsonl *job, const char *value, size_t length)
{
    if (job->body)
        return "it has both \"body\" and \"body_base64\"";
    job->body = value;
    job->length = length;
    return NULL;
}

static const char *read_base64(struct jsonl *job, const char *value, size_t length)
{
    const char *why = read_body(job, value, length);
    if (why)
        return why;
    job->body = job->decoded = base64_decode(value, length, &job->length);
    if (job->body)
        return NULL;
    return errno == ENOMEM ? out_of_memory : "its \"body_base64\" is not base64";
}

static const struct {
    const char *name;
    const char *(*read)(struct jsonl *job, const char *value, size_t length);
} texts[] = {
    {"subject", read_subject},
    {"id", read_id},
    {"body", read_body},
    {"body_base64", read_base64},
};

static bool is_letter_field(const char *name)
{
    static const char *const names[] = {"place", "dlq_seq", "stored"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp(name, names[i]) == 0)
            return true;
    return false;
}

static const char *read_field(struct jsonl *job, const char *name, json_t *value)
{
    char text[TEXT_MAX];
    if (job->is_letter && is_letter_field(name))
        return NULL;
    if (strcmp(name, "headers") == 0)
        return header_json_read(value, read_header, job);
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        if (strcmp(texts[i].name, name) != 0)
            continue;
        return json_is_string(value)
                   ? texts[i].read(job, json_string_value(value), json_string_length(value))
                   : fault(job, "its \"%s\" is not a string", name);
    }
    return fault(
        job, "it has the unknown field '%s'; known are subject, id, headers, body and body_base64",
        shown(name, text));
}

static void clear(struct jsonl *job)
{
    json_decref(take(job->root));
    free(take(job->decoded));
    job->subject = job->id = NULL;
    job->n_headers = 0;
    job->body = NULL;
    job->length = 0;
    job->is_end = job->is_letter = job->is_by_reference = false;
    job->letter_subject = NULL;
}

static const char *not_json(struct jsonl *job, const json_error_t *error)
{
    char text[TEXT_MAX];
    text_escape(error->text, strnlen(error->text, 120), text);
    return fault(job, "it is not JSON: %s, at byte %d", text, error->position);
}

/* What a letter says in its headers about the job. */
static const char *finish_letter(struct jsonl *job)
{
    if (job->is_by_reference && job->length == 0)
        return "its body was gone when it was exported";
    if (job->subject)
        return NULL;
    if (!job->letter_subject)
        return "it is a letter that names no subject: give it a \"subject\"";
    return read_subject(job, job->letter_subject, strlen(job->letter_subject));
}

const char *jsonl_read(struct jsonl *job, const char *line, size_t length)
{
    static const char mark[] = "\xEF\xBB\xBF"; /* the byte order mark that some editors write */
    const size_t skipped = length >= 3 && memcmp(line, mark, 3) == 0 ? 3 : 0;
    json_error_t error;
    const char *name, *why = NULL;
    json_t *value;
    clear(job);
    job->root = json_loadb(line + skipped, length - skipped,
                           JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &error);
    if (!job->root)
        return not_json(job, &error);
    if (!json_is_object(job->root))
        return "it is not a JSON object";
    job->is_end = json_is_true(json_object_get(job->root, "end"));
    if (job->is_end)
        return NULL;
    job->is_letter = json_object_get(job->root, "place") != NULL;
    json_object_foreach(job->root, name, value)
    {
        if ((why = read_field(job, name, value)))
            return why;
    }
    return job->is_letter ? finish_letter(job) : NULL;
}

void jsonl_release(struct jsonl *job)
{
    clear(job);
    free(job->headers);
    *job = (struct jsonl){0};
}

static json_t *write_headers(const struct jsonl *job)
{
    json_t *headers = json_object();
    for (size_t i = 0; i < job->n_headers; i++)
        (void)header_json_add(headers, job->headers[i].name, job->headers[i].value); /* UTF-8 */
    return headers;
}

char *jsonl_write(const struct jsonl *job)
{
    json_t *root = json_pack("{s:s*, s:s*}", "subject", job->subject, "id", job->id);
    if (job->n_headers > 0)
        json_object_set_new(root, "headers", write_headers(job));
    base64_json_body(root, job->body, job->length);
    char *line = json_dumps(root, JSON_COMPACT);
    json_decref(root);
    return line;
}
