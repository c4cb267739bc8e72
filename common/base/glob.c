#include "base/glob.h"

#include "base/text.h"

#include <ctype.h>
#include <string.h>

/* What is left of the glob, or of the text. */
struct span {
    const char *at, *end;
};

/* A code point, or a byte that is not UTF-8 as a number beyond them. */
static uint32_t take_character(struct span *span)
{
    static const uint32_t not_utf8 = 0x110000;
    size_t length = text_utf8_length(span->at, (size_t)(span->end - span->at));
    uint32_t character =
        length ? text_code_point(span->at, length) : not_utf8 + (unsigned char)*span->at;
    span->at += length ? length : 1;
    return character;
}

static bool is_in_class(const char *name, size_t length, uint32_t character)
{
    static const struct {
        const char *name;
        int (*contains)(int);
    } classes[] = {{"alnum", isalnum}, {"alpha", isalpha}, {"blank", isblank},
                   {"cntrl", iscntrl}, {"digit", isdigit}, {"graph", isgraph},
                   {"lower", islower}, {"print", isprint}, {"punct", ispunct},
                   {"space", isspace}, {"upper", isupper}, {"xdigit", isxdigit}};
    for (size_t i = 0; i < sizeof classes / sizeof classes[0]; i++)
        if (strlen(classes[i].name) == length && strncmp(classes[i].name, name, length) == 0)
            return character < 0x80 && classes[i].contains((int)character);
    return false;
}

/* `[:digit:]` within a set. False: it is none. */
static bool take_class(struct span *glob, uint32_t character, bool *contains)
{
    if (glob->end - glob->at < 2 || glob->at[0] != '[' || glob->at[1] != ':')
        return false;
    const char *name = glob->at + 2, *end = strstr(name, ":]");
    if (!end)
        return false;
    *contains = *contains || is_in_class(name, (size_t)(end - name), character);
    glob->at = end + 2;
    return true;
}

static uint32_t take_member(struct span *glob)
{
    if (*glob->at == '\\' && glob->at + 1 < glob->end)
        glob->at++;
    return take_character(glob);
}

/* `a`, or `a-z`; a minus at the end stands for itself. */
static void take_range(struct span *glob, uint32_t character, bool *contains)
{
    uint32_t first = take_member(glob), last = first;
    if (glob->end - glob->at > 1 && glob->at[0] == '-' && glob->at[1] != ']') {
        glob->at++;
        last = take_member(glob);
    }
    *contains = *contains || (first <= character && character <= last);
}

/* What follows a `[`. False: the set is not closed. */
static bool take_set(struct span *glob, uint32_t character, bool *contains)
{
    bool negated = glob->at < glob->end && (*glob->at == '!' || *glob->at == '^'), found = false;
    glob->at += negated;
    const char *first = glob->at;
    while (glob->at < glob->end && (*glob->at != ']' || glob->at == first))
        if (!take_class(glob, character, &found))
            take_range(glob, character, &found);
    if (glob->at == glob->end)
        return false;
    glob->at++;
    *contains = found != negated;
    return true;
}

/* Matches one character, with anything but a star. */
static bool take_one(struct span *glob, struct span *text)
{
    bool contains;
    if (glob->at == glob->end)
        return false;
    struct span set = {glob->at + 1, glob->end}, rest = *text;
    uint32_t character = take_character(&rest);
    if (*glob->at == '?')
        glob->at++, contains = true;
    else if (*glob->at == '[' && take_set(&set, character, &contains))
        *glob = set;
    else
        contains = take_member(glob) == character;
    *text = rest;
    return contains;
}

/* Only the last star has to be tried again: what an earlier one takes can be left to it. */
bool glob_matches(const char *glob, const char *text, size_t length)
{
    struct span pattern = {glob, glob + strlen(glob)}, left = {text, text + length};
    struct span after_star = {0}, from = {0};
    while (left.at < left.end) {
        if (pattern.at < pattern.end && *pattern.at == '*') {
            pattern.at++;
            after_star = pattern;
            from = left;
        } else if (!take_one(&pattern, &left)) {
            if (!after_star.at)
                return false;
            take_character(&from);
            left = from;
            pattern = after_star;
        }
    }
    pattern.at += strspn(pattern.at, "*");
    return pattern.at == pattern.end;
}
