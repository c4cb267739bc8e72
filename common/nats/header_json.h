/* header_json: headers as JSON, in one shape wherever the programs write them:
 *
 *     {"name": ["value", …], …}
 *
 * A value that is not UTF-8 is {"base64": "…"}. Read as well: a value without its array, and
 * [{"name": …, "value": …}, …]. Pure. */
#ifndef NATSQ_HEADER_JSON_H
#define NATSQ_HEADER_JSON_H

#include "base/buffer.h"

#include <nats/nats.h>
#include <stdbool.h>

struct json_t;

/* All headers of a message. The caller owns it; NULL: a name is not UTF-8, or out of memory. */
struct json_t *header_json_of(natsMsg *message);

/* Adds a value to such an object. False: out of memory, or the name is not UTF-8. */
bool header_json_add(struct json_t *headers, const char *name, const char *value);

/* The same for code that writes JSON without jansson: each header in turn, equal names next to each
 * other. `before` is the name of the previous header, NULL at the first one and without any. */
void header_json_write(struct buffer *out, const char *before, const char *name, const char *value);
void header_json_write_end(struct buffer *out, const char *before);

/* Gets each header in turn. A value that is neither text nor base64 is NULL. A result other than
 * NULL ends the reading, and says what is wrong. Name and value are followed by a NUL, may contain
 * one, and live as long as the JSON. */
typedef const char *header_json_found(void *closure, const char *name, size_t name_length,
                                      const char *value, size_t length);

/* NULL, what `found` returned, or why the JSON has no headers in it. Replaces in `headers` what is
 * base64 by the bytes. */
const char *header_json_read(struct json_t *headers, header_json_found *found, void *closure);

#endif
