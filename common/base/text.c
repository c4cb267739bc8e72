#include "base/text.h"

#include "base/buffer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

size_t text_utf8_length(const char *bytes, size_t left)
{
    const unsigned char *p = (const unsigned char *)bytes;
    size_t length = p[0] < 0x80 ? 1 : p[0] < 0xC2 ? 0 : p[0] < 0xE0 ? 2 : p[0] < 0xF0 ? 3 : 4;
    if (length == 0 || p[0] > 0xF4 || length > left)
        return 0;
    for (size_t i = 1; i < length; i++)
        if ((p[i] & 0xC0) != 0x80)
            return 0;
    if ((p[0] == 0xE0 && p[1] < 0xA0) || (p[0] == 0xED && p[1] > 0x9F) ||
        (p[0] == 0xF0 && p[1] < 0x90) || (p[0] == 0xF4 && p[1] > 0x8F))
        return 0;
    return length;
}

uint32_t text_code_point(const char *bytes, size_t length)
{
    static const unsigned char first[] = {0, 0x7F, 0x1F, 0x0F, 0x07};
    uint32_t point = (unsigned char)bytes[0] & first[length];
    for (size_t i = 1; i < length; i++)
        point = point << 6 | ((unsigned char)bytes[i] & 0x3F);
    return point;
}

bool text_is_utf8(const char *bytes, size_t length)
{
    for (size_t i = 0, step; i < length; i += step)
        if ((step = text_utf8_length(bytes + i, length - i)) == 0)
            return false;
    return true;
}

bool text_is_control(const char *bytes, size_t length)
{
    const unsigned char *p = (const unsigned char *)bytes;
    return length == 1 ? p[0] < 0x20 || p[0] == 0x7F : length == 2 && p[0] == 0xC2 && p[1] < 0xA0;
}

static size_t escape_byte(unsigned char byte, char *out)
{
    static const char names[] = "\nn\tt\rr";
    for (const char *name = names; *name; name += 2)
        if (byte == (unsigned char)*name)
            return (size_t)sprintf(out, "\\%c", name[1]);
    return (size_t)sprintf(out, "\\x%02x", byte);
}

const char *text_escape(const void *bytes, size_t length, char text[TEXT_MAX])
{
    return text_escape_most(bytes, length, TEXT_SHOWN, text);
}

const char *text_escape_most(const void *bytes, size_t length, size_t most, char *text)
{
    const unsigned char *p = bytes;
    size_t shown = length < most ? length : most, used = 0;
    for (size_t i = 0; i < shown;) {
        size_t step = text_utf8_length((const char *)p + i, length - i);
        if (step == 0 || text_is_control((const char *)p + i, step)) {
            used += escape_byte(p[i++], text + used);
            continue;
        }
        if (i + step > shown)
            break;
        memcpy(text + used, p + i, step);
        used += step;
        i += step;
    }
    strcpy(text + used, length > most ? "…" : "");
    return text;
}

const char *text_header_safe(const char *bytes, size_t length, char *text, size_t size)
{
    const unsigned char *p = (const unsigned char *)bytes;
    size_t used = 0;
    for (size_t i = 0; i < length;) {
        size_t step = text_utf8_length((const char *)p + i, length - i);
        if (used + (step ? step : 1) >= size)
            break;
        if (step == 0 || text_is_control((const char *)p + i, step)) {
            text[used++] = step ? ' ' : '?';
            i += step ? step : 1;
        } else {
            memcpy(text + used, p + i, step);
            used += step;
            i += step;
        }
    }
    while (used > 0 && text[used - 1] == ' ')
        used--;
    text[used] = '\0';
    size_t blanks = strspn(text, " ");
    memmove(text, text + blanks, used - blanks + 1);
    return text;
}

char *text_escape_json(const char *text)
{
    enum { LONGEST = sizeof "\\u0000" - 1 };
    char *quoted = malloc(LONGEST * strlen(text) + 1);
    if (!quoted)
        return NULL;
    char *end = quoted;
    for (const char *at = text; *at; at++) {
        unsigned char byte = (unsigned char)*at;
        if (byte == '"' || byte == '\\')
            *end++ = '\\';
        if (byte < ' ')
            end += sprintf(end, "\\u%04x", byte);
        else
            *end++ = *at;
    }
    *end = '\0';
    return quoted;
}

void text_add_visible(struct buffer *to, const char *bytes, size_t length)
{
    for (size_t i = 0; i < length;) {
        size_t step = text_utf8_length(bytes + i, length - i);
        bool is_control = step > 0 && bytes[i] != '\t' && text_is_control(bytes + i, step);
        step = step ? step : 1;
        for (size_t j = i; is_control && j < i + step; j++)
            buffer_printf(to, "\\x%02x", (unsigned char)bytes[j]);
        if (!is_control)
            buffer_add(to, bytes + i, step);
        i += step;
    }
}
