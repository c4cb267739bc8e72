#include "nats/credentials_text.h"

#include <string.h>

struct span {
    const char *start;
    size_t length;
};

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

static struct span trim(struct span line)
{
    while (line.length && is_blank(line.start[0])) {
        line.start++;
        line.length--;
    }
    while (line.length && is_blank(line.start[line.length - 1]))
        line.length--;
    return line;
}

/* Removes the next line that is not blank from the front of `text`; empty at the end. */
static struct span next_line(struct span *text)
{
    struct span line = {text->start, 0};
    while (text->length && line.length == 0) {
        const char *end = memchr(text->start, '\n', text->length);
        size_t length = end ? (size_t)(end - text->start) : text->length;
        line = trim((struct span){text->start, length});
        text->start += length + (end ? 1 : 0);
        text->length -= length + (end ? 1 : 0);
    }
    return line;
}

static bool is_marker(struct span line)
{
    return line.length >= 6 && memcmp(line.start, "---", 3) == 0 &&
           memcmp(line.start + line.length - 3, "---", 3) == 0;
}

/* The first line between two markers; removes it and all before it from the front of `text`. */
static bool next_block(struct span *text, struct span *body)
{
    struct span opening = {NULL, 0}, line;
    *body = opening;
    while ((line = next_line(text)).length) {
        if (is_marker(opening) && !is_marker(*body) && is_marker(line))
            return true;
        opening = *body;
        *body = line;
    }
    *body = (struct span){NULL, 0};
    return false;
}

/* The Go client's rule for a text without two blocks: the first line that begins like a seed. */
static struct span seed_line(struct span text)
{
    struct span line;
    while ((line = next_line(&text)).length)
        if (line.length > 2 && line.start[0] == 'S' && strchr("UAO", line.start[1]))
            return line;
    return (struct span){NULL, 0};
}

void credentials_parse(const char *text, size_t length, struct credentials_parts *parts)
{
    struct span whole = {text, length};
    struct span rest = whole, jwt = {NULL, 0}, seed = {NULL, 0};
    if (!next_block(&rest, &jwt) || !next_block(&rest, &seed))
        seed = seed_line(whole);
    *parts = (struct credentials_parts){jwt.start, jwt.length, seed.start, seed.length};
}

static bool is_base64url(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_';
}

static bool is_jwt(const char *text, size_t length)
{
    int dots = 0;
    char before = '.';
    for (size_t i = 0; i < length; before = text[i++]) {
        if (text[i] == '.' ? before == '.' : !is_base64url(text[i]))
            return false;
        dots += text[i] == '.';
    }
    return dots == 2 && before != '.';
}

bool credentials_have_jwt(const struct credentials_parts *parts)
{
    return parts->jwt && is_jwt(parts->jwt, parts->jwt_length);
}
