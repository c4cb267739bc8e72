/* buffer: bytes that grow at the end. Emptying it keeps the memory. */
#ifndef NATSQ_BUFFER_H
#define NATSQ_BUFFER_H

#include <stdbool.h>
#include <stddef.h>

struct buffer {
    char *bytes;
    size_t length, capacity;
    bool failed; /* out of memory: nothing was added since */
};

/* Makes room for `length` more bytes and returns where they start; the caller adds the number of
 * bytes written to `buffer->length`. NULL: out of memory. */
char *buffer_reserve(struct buffer *buffer, size_t length);

void buffer_add(struct buffer *buffer, const void *bytes, size_t length);
void buffer_add_text(struct buffer *buffer, const char *text);
/* At most 255 bytes; `failed` if it would be more. */
void buffer_printf(struct buffer *buffer, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Empties it. */
void buffer_reset(struct buffer *buffer);
void buffer_release(struct buffer *buffer);

#endif
