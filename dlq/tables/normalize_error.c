#include "tables/normalize_error.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

enum { ID_LEAST = 8 }; /* what is shorter is a word, or a number with a unit */

struct out {
    char *text;
    size_t used, size;
};

static void put(struct out *out, const char *bytes, size_t length)
{
    size_t room = out->size - 1 - out->used;
    if (length > room)
        length = room;
    memcpy(out->text + out->used, bytes, length);
    out->used += length;
}

/* Words are separated by these. */
static bool is_gap(char c)
{
    return c == '\0' || strchr(" \t\"'`,;()[]{}<>|=", c) != NULL;
}

/* Punctuation at the end of a word belongs to the sentence. */
static size_t word_length(const char *word)
{
    size_t length = 0;
    while (!is_gap(word[length]))
        length++;
    while (length > 1 && strchr(".:!?", word[length - 1]))
        length--;
    return length;
}

static bool is_path(const char *word, size_t length)
{
    if (length > 1 && (word[0] == '/' || strncmp(word, "./", 2) == 0 ||
                       strncmp(word, "../", 3) == 0 || strncmp(word, "~/", 2) == 0))
        return true;
    if (length > 3 && isalpha((unsigned char)word[0]) && word[1] == ':' &&
        (word[2] == '\\' || word[2] == '/'))
        return true;
    const char *scheme = memmem(word, length, "://", 3);
    return scheme && scheme > word;
}

/* UUIDs, hashes, ULIDs, …: long words of letters, digits, `-` and `_`, with digits among them. */
static bool is_id(const char *word, size_t length)
{
    size_t digits = 0, letters = 0, hex = 0;
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)word[i];
        if (!isalnum(c) && c != '-' && c != '_')
            return false;
        digits += isdigit(c) != 0;
        letters += isalpha(c) != 0;
        hex += isxdigit(c) != 0 || c == '-';
    }
    if (digits == 0 || letters == 0 || length < ID_LEAST)
        return false;
    return hex == length || digits * 4 >= length;
}

static bool is_hex_number(const char *word, size_t length)
{
    if (length < 3 || word[0] != '0' || (word[1] != 'x' && word[1] != 'X'))
        return false;
    for (size_t i = 2; i < length; i++)
        if (!isxdigit((unsigned char)word[i]))
            return false;
    return true;
}

/* A number with its dots and colons: `1.5`, `10.0.0.7:4222`, `12:30:01`. */
static size_t number_length(const char *at, size_t left)
{
    size_t length = 0;
    while (length < left && isdigit((unsigned char)at[length])) {
        while (length < left && isdigit((unsigned char)at[length]))
            length++;
        if (length + 1 < left && strchr(".:", at[length]) && isdigit((unsigned char)at[length + 1]))
            length++;
    }
    return length;
}

static void put_numbers(struct out *out, const char *word, size_t length)
{
    for (size_t i = 0; i < length;) {
        size_t number = number_length(word + i, length - i);
        if (number > 0)
            put(out, "<n>", 3);
        else
            put(out, word + i, 1);
        i += number > 0 ? number : 1;
    }
}

static void put_word(struct out *out, const char *word, size_t length)
{
    if (is_path(word, length))
        put(out, "<path>", 6);
    else if (is_hex_number(word, length))
        put(out, "<n>", 3);
    else if (is_id(word, length))
        put(out, "<id>", 4);
    else
        put_numbers(out, word, length);
}

const char *normalize_error(const char *error, char *normalized, size_t size)
{
    struct out out = {.text = normalized, .size = size};
    while (*error) {
        size_t length = word_length(error);
        if (length > 0)
            put_word(&out, error, length);
        error += length;
        for (; *error && (is_gap(*error) || (length > 0 && strchr(".:!?", *error))); error++)
            put(&out, error, 1);
    }
    normalized[out.used] = '\0';
    return normalized;
}
