#include "base/base64.h"

#include "base/cleanup.h"
#include "base/text.h"

#include <errno.h>
#include <jansson.h>
#include <sodium.h>

enum { VARIANT = sodium_base64_VARIANT_ORIGINAL };

char *base64_encode(const void *bytes, size_t length)
{
    size_t size = sodium_base64_encoded_len(length, VARIANT);
    char *text = malloc(size);
    return text ? sodium_bin2base64(text, size, bytes, length, VARIANT) : NULL;
}

char *base64_decode(const char *text, size_t length, size_t *decoded)
{
    size_t room = length / 4 * 3 + 3;
    _cleanup_(cleanup_free) char *bytes = malloc(room + 1);
    if (!bytes)
        return NULL;
    if (sodium_base642bin((unsigned char *)bytes, room, text, length, NULL, decoded, NULL,
                          VARIANT) != 0) {
        errno = EINVAL;
        return NULL;
    }
    bytes[*decoded] = '\0';
    return take(bytes);
}

void base64_json_body(json_t *object, const char *bytes, size_t length)
{
    if (text_is_utf8(bytes, length)) {
        json_object_set_new(object, "body", json_stringn_nocheck(bytes ? bytes : "", length));
        return;
    }
    _cleanup_(cleanup_free) char *text = base64_encode(bytes, length);
    json_object_set_new(object, "body_base64", json_string(text));
}
