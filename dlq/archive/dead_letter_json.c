#include "archive/dead_letter_codec.h"
#include "base/base64.h"
#include "base/cleanup.h"
#include "base/subject.h"
#include "base/text.h"
#include "base/timestamp.h"
#include "letters/job_content.h"
#include "nats/header_json.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

char *dead_letter_to_json(const struct job *letter, const struct job *body, struct error *error)
{
    char time[TIMESTAMP_TEXT_MAX];
    json_t *object = json_pack("{s:s, s:I, s:s}", "place", job_subject(letter), "dlq_seq",
                               (json_int_t)letter->delivery.seq, "stored",
                               timestamp_format(letter->delivery.stored_at, 9, time));
    bool is_whole = job_content_add_json(object, letter, body);
    _cleanup_(cleanup_free) char *text = is_whole ? json_dumps(object, JSON_COMPACT) : NULL;
    char *line = NULL;
    json_decref(object);
    if (!is_whole)
        error_set(error, EX_DATAERR,
                  "%s has a header whose name is not UTF-8, which JSON cannot hold: export it "
                  "without --jsonl",
                  job_subject(letter));
    else if (!text || asprintf(&line, "%s\n", text) < 0)
        error_set(error, EX_OSERR, "cannot write a letter as JSON: out of memory");
    return line;
}

static const char *add_header(void *letter, const char *name, size_t name_length, const char *value,
                              size_t length)
{
    if (name_length == 0 || strlen(name) != name_length || strpbrk(name, ": \r\n") || !value ||
        strlen(value) != length || strpbrk(value, "\r\n"))
        return "has invalid \"headers\"";
    natsStatus s = natsMsgHeader_Add(((struct job *)letter)->message, name, value);
    return s == NATS_OK ? NULL : "does not fit into memory";
}

static const char *read_headers(struct job *letter, json_t *headers)
{
    return headers ? header_json_read(headers, add_header, letter) : NULL;
}

static const char *create_message(struct job *letter, json_t *object, const char *place)
{
    json_t *text = json_object_get(object, "body");
    json_t *base64 = json_object_get(object, "body_base64");
    size_t length = json_string_length(text);
    if (text && base64)
        return "has both \"body\" and \"body_base64\"";
    if (text && !json_is_string(text))
        return "has a \"body\" that is not a string";
    _cleanup_(cleanup_free) char *bytes =
        json_is_string(base64)
            ? base64_decode(json_string_value(base64), json_string_length(base64), &length)
            : NULL;
    if (base64 && !bytes)
        return "has an invalid \"body_base64\"";
    natsStatus s = natsMsg_Create(&letter->message, place, NULL,
                                  bytes ? bytes : json_string_value(text), (int)length);
    return s == NATS_OK ? NULL : "does not fit into memory";
}

/* A field that nothing reads may be one that was meant: it must not be dropped without a word. */
static const char *unknown_field(json_t *object)
{
    static const char *const known[] = {"place",   "dlq_seq", "stored",
                                        "headers", "body",    "body_base64"};
    const char *name;
    json_t *value;
    json_object_foreach(object, name, value)
    {
        bool is_known = false;
        for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
            is_known = is_known || strcmp(name, known[i]) == 0;
        if (!is_known)
            return name;
    }
    return NULL;
}

static int fill_letter(struct job *letter, json_t *object, struct error *error)
{
    const char *place = json_string_value(json_object_get(object, "place"));
    const char *stored = json_string_value(json_object_get(object, "stored"));
    json_int_t seq = json_integer_value(json_object_get(object, "dlq_seq"));
    char shown[TEXT_MAX];
    const char *unknown = unknown_field(object), *fault;
    if (!place || subject_fault(place))
        return error_set(error, EX_DATAERR, "lacks a valid \"place\"");
    if (unknown)
        return error_set(error, EX_DATAERR,
                         "has the unknown field '%s'; a letter has place, dlq_seq, stored, "
                         "headers, and body or body_base64",
                         text_escape(unknown, strnlen(unknown, 60), shown));
    if ((fault = create_message(letter, object, place)) ||
        (fault = read_headers(letter, json_object_get(object, "headers"))))
        return error_set(error, EX_DATAERR, "%s", fault);
    letter->delivery.seq = seq > 0 ? (uint64_t)seq : 0;
    if (stored && !timestamp_parse(stored, &letter->delivery.stored_at))
        return error_set(error, EX_DATAERR, "has an invalid \"stored\"");
    return 0;
}

static int read_end(const json_t *object, int64_t *count, struct error *error)
{
    const json_t *letters = json_object_get(object, "letters");
    *count = letters ? json_integer_value(letters) : -1;
    if (letters && (!json_is_integer(letters) || *count < 0))
        return error_set(error, EX_DATAERR, "has an invalid \"letters\"");
    return 1;
}

int dead_letter_from_json(const char *line, size_t length, struct job *letter, int64_t *count,
                          struct error *error)
{
    json_error_t wrong;
    *letter = (struct job){0};
    json_t *object = json_loadb(line, length, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &wrong);
    int result;
    if (!json_is_object(object))
        result = error_set(error, EX_DATAERR, "is not a JSON object%s%s", object ? "" : ": ",
                           object ? "" : wrong.text);
    else if (json_is_true(json_object_get(object, "end")))
        result = read_end(object, count, error);
    else
        result = fill_letter(letter, object, error);
    json_decref(object);
    if (result < 0)
        job_clear(letter);
    return result;
}
