#include "nats/header_json.h"

#include "base/base64.h"
#include "base/cleanup.h"
#include "base/json_text.h"
#include "base/text.h"
#include "nats/header_iterator.h"

#include <jansson.h>
#include <string.h>

static json_t *value_json(const char *value)
{
    size_t length = strlen(value);
    if (text_is_utf8(value, length))
        return json_stringn_nocheck(value, length);
    _cleanup_(cleanup_free) char *base64 = base64_encode(value, length);
    return base64 ? json_pack("{s:s}", "base64", base64) : NULL;
}

bool header_json_add(json_t *headers, const char *name, const char *value)
{
    json_t *values = json_object_get(headers, name);
    if (!values && json_object_set_new(headers, name, values = json_array()) < 0)
        return false;
    return json_array_append_new(values, value_json(value)) == 0;
}

json_t *header_json_of(natsMsg *message)
{
    _cleanup_(json_decrefp) json_t *headers = json_object();
    _cleanup_(header_iterator_close) struct header_iterator header = {.message = message};
    while (header_iterator_next(&header))
        if (!header_json_add(headers, header.name, header.value))
            return NULL;
    return header.status == NATS_OK ? take(headers) : NULL;
}

void header_json_write(struct buffer *out, const char *before, const char *name, const char *value)
{
    size_t length = strlen(value);
    if (before && strcmp(before, name) == 0) {
        buffer_add_text(out, ",");
    } else {
        buffer_add_text(out, before ? "]," : "{");
        json_text_add(out, name, strlen(name));
        buffer_add_text(out, ":[");
    }
    if (text_is_utf8(value, length)) {
        json_text_add(out, value, length);
        return;
    }
    buffer_add_text(out, "{\"base64\":");
    json_text_add_base64(out, value, length);
    buffer_add_text(out, "}");
}

void header_json_write_end(struct buffer *out, const char *before)
{
    buffer_add_text(out, before ? "]}" : "{}");
}

/* The text itself, or what {"base64"} stands for; NULL: neither. A new reference. jansson's strings
 * are UTF-8 only when they are checked. */
static json_t *text_of(json_t *value)
{
    if (json_is_string(value))
        return json_incref(value);
    const json_t *base64 = json_object_get(value, "base64");
    size_t length;
    if (!json_is_string(base64) || json_object_size(value) != 1)
        return NULL;
    _cleanup_(cleanup_free) char *bytes =
        base64_decode(json_string_value(base64), json_string_length(base64), &length);
    return bytes ? json_stringn_nocheck(bytes, length) : NULL;
}

struct reading {
    header_json_found *found;
    void *closure;
};

static const char *pass(const struct reading *reading, const char *name, size_t length,
                        const json_t *text)
{
    return reading->found(reading->closure, name, length, json_string_value(text),
                          json_string_length(text));
}

static const char *read_values(const struct reading *reading, const char *name, json_t *values)
{
    size_t i;
    json_t *value;
    json_array_foreach(values, i, value)
    {
        json_t *text = text_of(value);
        if (text)
            json_array_set_new(values, i, text);
        const char *fault = pass(reading, name, strlen(name), text);
        if (fault)
            return fault;
    }
    return NULL;
}

static const char *read_object(const struct reading *reading, json_t *headers)
{
    for (void *at = json_object_iter(headers); at; at = json_object_iter_next(headers, at)) {
        const char *name = json_object_iter_key(at), *fault;
        json_t *value = json_object_iter_value(at);
        if (json_is_array(value)) {
            fault = read_values(reading, name, value);
        } else {
            json_t *text = text_of(value);
            if (text)
                json_object_iter_set_new(headers, at, text);
            fault = pass(reading, name, strlen(name), text);
        }
        if (fault)
            return fault;
    }
    return NULL;
}

static const char *read_pairs(const struct reading *reading, json_t *headers)
{
    size_t i;
    json_t *pair;
    json_array_foreach(headers, i, pair)
    {
        const json_t *name = json_object_get(pair, "name");
        json_t *value = json_object_get(pair, "value"), *text = text_of(value);
        if (text)
            json_object_set_new(pair, "value", text);
        if (!json_is_string(name) || !value || json_object_size(pair) != 2)
            return "its \"headers\" contain something that is not {\"name\", \"value\"}";
        const char *fault = pass(reading, json_string_value(name), json_string_length(name), text);
        if (fault)
            return fault;
    }
    return NULL;
}

const char *header_json_read(json_t *headers, header_json_found *found, void *closure)
{
    const struct reading reading = {found, closure};
    if (json_is_object(headers))
        return read_object(&reading, headers);
    return json_is_array(headers) ? read_pairs(&reading, headers)
                                  : "its \"headers\" are not an object";
}
