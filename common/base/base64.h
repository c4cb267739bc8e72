/* base64: bytes as text and back, in the standard alphabet with padding (RFC 4648), by libsodium.
 * The caller frees the results. */
#ifndef NATSQ_BASE64_H
#define NATSQ_BASE64_H

#include <stddef.h>

struct json_t;

/* NULL: out of memory. */
char *base64_encode(const void *bytes, size_t length);

/* The bytes, followed by a NUL. NULL: `text` is not base64 (EINVAL), or out of memory (ENOMEM). */
char *base64_decode(const char *text, size_t length, size_t *decoded);

/* Adds bytes to an object: as "body" if they are UTF-8, else as "body_base64". */
void base64_json_body(struct json_t *object, const char *bytes, size_t length);

#endif
