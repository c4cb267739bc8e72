#include "base/buffer.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CAPACITY_FIRST = 1024, PRINTF_MAX = 256 };

char *buffer_reserve(struct buffer *buffer, size_t length)
{
    if (buffer->failed)
        return NULL;
    size_t capacity = buffer->capacity ? buffer->capacity : CAPACITY_FIRST;
    while (capacity - buffer->length < length)
        capacity *= 2;
    if (capacity > buffer->capacity) {
        char *bytes = realloc(buffer->bytes, capacity);
        buffer->failed = !bytes;
        if (!bytes)
            return NULL;
        buffer->bytes = bytes;
        buffer->capacity = capacity;
    }
    return buffer->bytes + buffer->length;
}

void buffer_add(struct buffer *buffer, const void *bytes, size_t length)
{
    char *end = buffer_reserve(buffer, length);
    if (!end || length == 0)
        return;
    memcpy(end, bytes, length);
    buffer->length += length;
}

void buffer_add_text(struct buffer *buffer, const char *text)
{
    buffer_add(buffer, text, strlen(text));
}

void buffer_printf(struct buffer *buffer, const char *format, ...)
{
    char *end = buffer_reserve(buffer, PRINTF_MAX);
    if (!end)
        return;
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(end, PRINTF_MAX, format, arguments);
    va_end(arguments);
    if (length < 0 || length >= PRINTF_MAX)
        buffer->failed = true;
    else
        buffer->length += (size_t)length;
}

void buffer_reset(struct buffer *buffer)
{
    buffer->length = 0;
    buffer->failed = false;
}

void buffer_release(struct buffer *buffer)
{
    free(buffer->bytes);
    *buffer = (struct buffer){0};
}
