#include "letter/advisory.h"

#include "base/subject.h"
#include "base/timestamp.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

static bool read_name(const json_t *object, const char *field, char name[ADVISORY_NAME_MAX])
{
    const char *text = json_string_value(json_object_get(object, field));
    if (!text || strlen(text) >= ADVISORY_NAME_MAX || subject_name_fault(text))
        return false;
    strcpy(name, text);
    return true;
}

static bool read_count(const json_t *object, const char *field, uint64_t *count)
{
    const json_t *number = json_object_get(object, field);
    *count = (uint64_t)json_integer_value(number);
    return json_is_integer(number) && json_integer_value(number) > 0;
}

static const char *read_all(const json_t *object, const char *origin, struct advisory *advisory)
{
    static const char type[] = "io.nats.jetstream.advisory.v1.max_deliver";
    const char *is = json_string_value(json_object_get(object, "type"));
    const char *time = json_string_value(json_object_get(object, "timestamp"));
    if (!is || strcmp(is, type) != 0)
        return "is not of the type max_deliver";
    if (!read_name(object, "stream", advisory->stream))
        return "names no stream";
    if (strcmp(advisory->stream, origin) != 0)
        return "names another stream";
    if (!read_name(object, "consumer", advisory->consumer))
        return "names no consumer";
    if (!read_count(object, "stream_seq", &advisory->seq))
        return "names no stream sequence";
    if (!read_count(object, "deliveries", &advisory->deliveries))
        return "lacks the number of deliveries";
    if (!time || !timestamp_parse(time, &advisory->time))
        return "has no time";
    return NULL;
}

const char *advisory_parse(const char *bytes, size_t length, const char *origin,
                           struct advisory *advisory)
{
    json_t *object = json_loadb(bytes, length, 0, NULL);
    const char *fault = object ? read_all(object, origin, advisory) : "is not JSON";
    json_decref(object);
    return fault;
}
