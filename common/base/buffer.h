/* buffer: bytes that grow at the end. Its memory is kept for the next use. */
#ifndef NATSQ_BUFFER_H
#define NATSQ_BUFFER_H

#include <stdbool.h>
#include <stddef.h>

struct buffer {
    char *bytes;
    size_t used, room;
    bool failed; /* out of memory: what was added since is not there */
};

/* Room for `length` more bytes, of which the caller counts those that it fills in in `used`. NULL
 * when there is no memory. */
char *buffer_room(struct buffer *buffer, size_t length);

void buffer_add(struct buffer *buffer, const void *bytes, size_t length);
void buffer_add_text(struct buffer *buffer, const char *text);
void buffer_printf(struct buffer *buffer, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Empties it. */
void buffer_reset(struct buffer *buffer);
void buffer_release(struct buffer *buffer);

#endif
