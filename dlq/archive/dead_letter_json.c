#include "archive/dead_letter_codec.h"
#include "base/base64.h"
#include "base/cleanup.h"
#include "base/subject.h"
#include "base/timestamp.h"
#include "letters/job_content.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

char *dead_letter_to_json(const struct job *letter, const struct job *body)
{
    char time[TIMESTAMP_TEXT_MAX];
    json_t *object = json_pack("{s:s, s:I, s:s}", "place", job_subject(letter), "dlq_seq",
                               (json_int_t)letter->delivery.seq, "stored",
                               timestamp_format(letter->delivery.stored_at, 9, time));
    job_content_add_json(object, letter, body);
    _cleanup_(cleanup_free) char *text = json_dumps(object, JSON_COMPACT);
    char *line = NULL;
    if (text && asprintf(&line, "%s\n", text) < 0)
        line = NULL;
    json_decref(object);
    return line;
}

/* NULL: not a text in base64. */
static char *decode(const json_t *text, size_t *length)
{
    return json_is_string(text)
               ? base64_decode(json_string_value(text), json_string_length(text), length)
               : NULL;
}

static bool add_value(natsMsg *message, const char *name, const json_t *value)
{
    size_t length;
    const char *text = json_string_value(value);
    _cleanup_(cleanup_free) char *decoded =
        text ? NULL : decode(json_object_get(value, "base64"), &length);
    text = text ? text : decoded;
    return text && *name && !strpbrk(name, ": \r\n") && !strpbrk(text, "\r\n") &&
           natsMsgHeader_Add(message, name, text) == NATS_OK;
}

static bool add_headers(natsMsg *message, json_t *headers)
{
    const char *name;
    json_t *values, *value;
    size_t i;
    json_object_foreach(headers, name, values)
    {
        if (json_is_string(values) && !add_value(message, name, values))
            return false;
        if (!json_is_string(values) && !json_is_array(values))
            return false;
        json_array_foreach(values, i, value) if (!add_value(message, name, value)) return false;
    }
    return true;
}

static natsStatus create_message(struct job *letter, json_t *object, const char *place)
{
    json_t *text = json_object_get(object, "body");
    const json_t *base64 = json_object_get(object, "body_base64");
    size_t length = json_string_length(text);
    _cleanup_(cleanup_free) char *bytes = decode(base64, &length);
    if (json_is_string(base64) && !bytes)
        return NATS_INVALID_ARG;
    return natsMsg_Create(&letter->message, place, NULL, bytes ? bytes : json_string_value(text),
                          (int)length);
}

static int fill_letter(struct job *letter, json_t *object, struct error *error)
{
    const char *place = json_string_value(json_object_get(object, "place"));
    const char *stored = json_string_value(json_object_get(object, "stored"));
    json_int_t seq = json_integer_value(json_object_get(object, "dlq_seq"));
    if (!place || subject_fault(place))
        return error_set(error, EX_DATAERR, "lacks a valid \"place\"");
    if (create_message(letter, object, place) != NATS_OK)
        return error_set(error, EX_DATAERR, "has an invalid \"body_base64\"");
    if (!add_headers(letter->message, json_object_get(object, "headers")))
        return error_set(error, EX_DATAERR, "has invalid \"headers\"");
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
    json_t *object = json_loadb(line, length, JSON_ALLOW_NUL, &wrong);
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
