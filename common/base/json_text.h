/* json_text: a JSON string at the end of a buffer, for code that writes JSON without jansson: a
 * body of 1 MiB is escaped in place. */
#ifndef NATSQ_JSON_TEXT_H
#define NATSQ_JSON_TEXT_H

#include "base/buffer.h"

/* The text is UTF-8. */
void json_text_add(struct buffer *out, const char *text, size_t length);

/* A JSON string with the bytes in base64. */
void json_text_add_base64(struct buffer *out, const void *bytes, size_t length);

#endif
