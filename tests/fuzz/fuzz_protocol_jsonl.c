/* The reader of a kept handler's answers accepts any bytes. json_sanitize does not change what
 * jansson accepts, except nested values, and does not turn what jansson refuses into a verdict. */
#include "handler/protocol.h"

#include "base/cleanup.h"
#include "fuzz.h"
#include "handler/json_sanitize.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

static char *sanitized(const char *text, size_t length)
{
    char *copy = malloc(length + 1);
    check(copy != NULL);
    memcpy(copy, text, length);
    json_sanitize(copy, length, 1);
    return copy;
}

static void check_members(json_t *as_it_was, json_t *root)
{
    const char *key;
    json_t *value;
    check(json_object_size(as_it_was) == json_object_size(root));
    json_object_foreach(as_it_was, key, value)
    {
        const json_t *other = json_object_get(root, key);
        if (json_is_array(value) || json_is_object(value))
            check(json_is_array(other) && json_array_size(other) == 0);
        else
            check(json_equal(value, other));
    }
}

/* Sanitizing again changes nothing, and what was JSON is still JSON. */
static void check_sanitized(const char *text, size_t length)
{
    _cleanup_(cleanup_free) char *once = sanitized(text, length);
    _cleanup_(cleanup_free) char *twice = sanitized(once, length);
    check(memcmp(once, twice, length) == 0);
    json_t *as_it_was = json_loadb(text, length, JSON_ALLOW_NUL, NULL);
    json_t *root = json_loadb(once, length, JSON_ALLOW_NUL, NULL);
    check(!as_it_was || root);
    if (json_is_object(as_it_was))
        check_members(as_it_was, root);
    json_decref(as_it_was);
    json_decref(root);
}

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t length)
{
    const char *text = (const char *)bytes, *fault = NULL;
    const char *end = memchr(text, '\n', length);
    struct protocol_result result = {0};
    ssize_t n = protocol_jsonl.read(text, length, &result, &fault);
    check((n < 0) == (fault != NULL));
    check(n <= 0 || (end && n == end - text + 1));
    check(n <= 0 || result.kind == VERDICT_DONE || result.kind == VERDICT_RETRY ||
          result.kind == VERDICT_HOPELESS);
    check_sanitized(text, length);
    return 0;
}
