#include "base/buffer.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BUFFER_LEAST = 1024 };

char *buffer_room(struct buffer *buffer, size_t length)
{
    if (buffer->failed)
        return NULL;
    if (buffer->room - buffer->used < length) {
        size_t room = buffer->room ? buffer->room : BUFFER_LEAST;
        while (room - buffer->used < length)
            room *= 2;
        char *bytes = realloc(buffer->bytes, room);
        buffer->failed = !bytes;
        if (!bytes)
            return NULL;
        buffer->bytes = bytes;
        buffer->room = room;
    }
    return buffer->bytes + buffer->used;
}

void buffer_add(struct buffer *buffer, const void *bytes, size_t length)
{
    char *at = buffer_room(buffer, length);
    if (!at || length == 0)
        return;
    memcpy(at, bytes, length);
    buffer->used += length;
}

void buffer_add_text(struct buffer *buffer, const char *text)
{
    buffer_add(buffer, text, strlen(text));
}

void buffer_printf(struct buffer *buffer, const char *format, ...)
{
    enum { LONGEST = 256 }; /* numbers and names of ours */
    char *at = buffer_room(buffer, LONGEST);
    if (!at)
        return;
    va_list words;
    va_start(words, format);
    int length = vsnprintf(at, LONGEST, format, words);
    va_end(words);
    if (length < 0 || length >= LONGEST)
        buffer->failed = true;
    else
        buffer->used += (size_t)length;
}

void buffer_reset(struct buffer *buffer)
{
    buffer->used = 0;
    buffer->failed = false;
}

void buffer_release(struct buffer *buffer)
{
    free(buffer->bytes);
    *buffer = (struct buffer){0};
}
