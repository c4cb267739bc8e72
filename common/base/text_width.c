#include "base/text_width.h"

#include "base/text.h"

#include <string.h>

/* The blocks of Unicode 16 that matter: most scripts have a column a character. */
static const struct {
    uint32_t first, last;
    size_t width;
} widths[] = {
    {0x0300, 0x036F, 0}, /* combining */
    {0x0483, 0x0489, 0},   {0x0591, 0x05BD, 0},   {0x064B, 0x065F, 0},   {0x0E34, 0x0E3A, 0},
    {0x0E47, 0x0E4E, 0},   {0x1100, 0x115F, 2}, /* Hangul */
    {0x1AB0, 0x1AFF, 0},   {0x1DC0, 0x1DFF, 0},   {0x200B, 0x200F, 0},   {0x202A, 0x202E, 0},
    {0x2060, 0x2064, 0},   {0x20D0, 0x20F0, 0},   {0x231A, 0x231B, 2},   {0x23E9, 0x23EC, 2},
    {0x2705, 0x2705, 2},   {0x274C, 0x274C, 2},   {0x2753, 0x2755, 2},   {0x2757, 0x2757, 2},
    {0x2E80, 0x303E, 2}, /* Chinese, Japanese and Korean */
    {0x3041, 0x33FF, 2},   {0x3400, 0x4DBF, 2},   {0x4E00, 0xA4CF, 2},   {0xA960, 0xA97C, 2},
    {0xAC00, 0xD7A3, 2},   {0xF900, 0xFAFF, 2},   {0xFE00, 0xFE0F, 0},   {0xFE20, 0xFE2F, 0},
    {0xFE30, 0xFE6F, 2},   {0xFEFF, 0xFEFF, 0},   {0xFF00, 0xFF60, 2},   {0xFFE0, 0xFFE6, 2},
    {0x1F300, 0x1F64F, 2}, /* emoji */
    {0x1F680, 0x1F6FF, 2}, {0x1F900, 0x1FAFF, 2}, {0x20000, 0x3FFFD, 2}, {0xE0000, 0xE01EF, 0},
};

static size_t width_of(uint32_t point)
{
    for (size_t i = 0; i < sizeof widths / sizeof widths[0] && point >= widths[i].first; i++)
        if (point <= widths[i].last)
            return widths[i].width;
    return 1;
}

/* The length of the next character, and the columns that it takes. */
static size_t step(const char *text, size_t left, size_t *width)
{
    size_t length = text_utf8_length(text, left);
    *width = length ? width_of(text_code_point(text, length)) : 1;
    return length ? length : 1;
}

size_t text_width(const char *text)
{
    size_t columns = 0, width, length = strlen(text);
    for (size_t at = 0; at < length; columns += width)
        at += step(text + at, length - at, &width);
    return columns;
}

size_t text_fit(const char *text, size_t columns)
{
    size_t used = 0, width, length = strlen(text), at = 0;
    while (at < length) {
        size_t next = at + step(text + at, length - at, &width);
        if (used + width > columns)
            break;
        used += width;
        at = next;
    }
    return at;
}
