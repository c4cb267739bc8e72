#include "handler/json_sanitize.h"

#include "base/text.h"

#include <ctype.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

enum { ESCAPE = sizeof "\\u0000" - 1 };

static bool is_accepted(const char *value, size_t length)
{
    json_t *json = json_loadb(value, length, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
    json_decref(json);
    return json != NULL;
}

/* The code unit of the escape at `at`, or -1. */
static int32_t code_unit(const char *at, const char *end)
{
    int32_t unit = 0;
    if (end - at < ESCAPE || at[0] != '\\' || at[1] != 'u')
        return -1;
    for (int i = 2; i < ESCAPE; i++) {
        if (!isxdigit((unsigned char)at[i]))
            return -1;
        int digit = isdigit((unsigned char)at[i]) ? at[i] - '0' : (at[i] | 0x20) - 'a' + 10;
        unit = unit * 16 + digit;
    }
    return unit;
}

static bool is_high(int32_t unit)
{
    return unit >= 0xD800 && unit <= 0xDBFF;
}

static bool is_low(int32_t unit)
{
    return unit >= 0xDC00 && unit <= 0xDFFF;
}

/* Returns the end of the escape. */
static char *fix_escape(char *at, const char *end)
{
    int32_t unit = code_unit(at, end);
    if (unit < 0 && end - at > 1 && at[1] && strchr("\"\\/bfnrt", at[1]))
        return at + 2;
    if (unit < 0) {
        *at = '?';
        return at + 1;
    }
    if (is_high(unit) && is_low(code_unit(at + ESCAPE, end)))
        return at + 2 * ESCAPE;
    if (is_high(unit) || is_low(unit))
        memcpy(at, "\\ufffd", ESCAPE);
    return at + ESCAPE;
}

/* `at` is the opening quote; returns the end of the string. */
static char *fix_string(char *at, char *end)
{
    at++;
    while (at < end && *at != '"') {
        size_t length = text_utf8_length(at, (size_t)(end - at));
        if (*at == '\\') {
            at = fix_escape(at, end);
        } else if (length == 0 || (unsigned char)*at < ' ') {
            *at++ = '?';
        } else {
            at += length;
        }
    }
    return at < end ? at + 1 : end;
}

/* A number, or a word such as NaN. */
static char *fix_word(char *at, char *end, bool is_value)
{
    char *word = at;
    while (at < end && !strchr(",:[]{}\" \t\r\n", *at)) /* a NUL ends it too */
        at++;
    if (at == word)
        return at + 1;
    size_t length = (size_t)(at - word);
    if (is_value && length >= strlen("\"\"") && !is_accepted(word, length)) {
        memset(word, ' ', length);
        memcpy(word, "\"\"", strlen("\"\""));
    }
    return at;
}

/* Returns the end of the array or object at `at`; `end` if it is not well-formed. */
static char *skip_nested(char *at, char *end)
{
    size_t arrays = 0, objects = 0;
    while (at < end) {
        size_t *open = *at == '[' || *at == ']' ? &arrays : &objects;
        if (*at == '"') {
            at = fix_string(at, end);
            continue;
        }
        if (*at == '[' || *at == '{')
            ++*open;
        else if ((*at == ']' || *at == '}') && (*open)-- == 0)
            return end;
        at++;
        if (arrays == 0 && objects == 0)
            return at;
    }
    return end;
}

static char *empty_nested(char *at, char *end)
{
    char *behind = skip_nested(at, end);
    if (behind == end) /* more text has to follow */
        return end;
    memset(at, ' ', (size_t)(behind - at));
    at[0] = '[';
    behind[-1] = ']';
    return behind;
}

void json_sanitize(char *text, size_t length, size_t depth)
{
    char *end = text + length, *next;
    char before = ' '; /* the last character that was not a blank */
    size_t level = 0;
    for (char *at = text; at < end; at = next) {
        next = at + 1;
        if (*at == '"')
            next = fix_string(at, end);
        else if ((*at == '[' || *at == '{') && level == depth)
            next = empty_nested(at, end);
        else if (*at == '[' || *at == '{')
            level++;
        else if (*at == ']' || *at == '}')
            level -= level > 0;
        else
            next = fix_word(at, end, before == ':');
        if (!isspace((unsigned char)*at))
            before = *at;
    }
}
