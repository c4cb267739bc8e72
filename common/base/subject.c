#include "base/subject.h"

#include "base/text.h"

#include <ctype.h>
#include <stddef.h>
#include <string.h>

/* The JetStream API is JSON, which allows only UTF-8. */
static const char not_utf8[] = "is not UTF-8";

static bool is_token(const char *at, size_t length, char only)
{
    return length == 1 && at[0] == only;
}

static const char *token_fault(const char *at, size_t length, bool last, bool wildcards)
{
    if (length == 0)
        return "has an empty token";
    for (size_t i = 0; i < length; i++)
        if (isspace((unsigned char)at[i]) || iscntrl((unsigned char)at[i]))
            return "has a blank or a control character in it";
    if (!wildcards && (is_token(at, length, '*') || is_token(at, length, '>')))
        return "has a wildcard in it";
    if (is_token(at, length, '>') && !last)
        return "has a '>' before its last token";
    return NULL;
}

static const char *fault(const char *subject, bool wildcards)
{
    if (!*subject)
        return "is empty";
    if (!text_is_utf8(subject, strlen(subject)))
        return not_utf8;
    for (const char *at = subject;; at++) {
        size_t length = strcspn(at, ".");
        const char *wrong = token_fault(at, length, at[length] == '\0', wildcards);
        if (wrong)
            return wrong;
        at += length;
        if (!*at)
            return NULL;
    }
}

const char *subject_fault(const char *subject)
{
    return fault(subject, false);
}

const char *subject_filter_fault(const char *filter)
{
    return fault(filter, true);
}

bool subject_has_inner_wildcard(const char *filter)
{
    for (const char *at = filter;;) {
        size_t length = strcspn(at, ".");
        if (length > 1 && strcspn(at, "*>") < length)
            return true;
        at += length;
        if (!*at++)
            return false;
    }
}

/* The server's limit (JSMaxNameLen). Our buffers for subjects have room for names of this length.
 */
enum { NAME_LONGEST = 255 };

const char *subject_name_fault(const char *name)
{
    if (!*name)
        return "is empty";
    if (strlen(name) > NAME_LONGEST)
        return "is longer than 255 bytes";
    if (!text_is_utf8(name, strlen(name)))
        return not_utf8;
    for (const char *at = name; *at; at++)
        if (isspace((unsigned char)*at) || iscntrl((unsigned char)*at) || strchr(".*>/\\", *at))
            return "has a character that a name may not have (blanks . * > / \\)";
    return NULL;
}

/* Moves to the next token. False: there is none. */
static bool next_token(const char **at, size_t length)
{
    *at += length;
    if (!**at)
        return false;
    (*at)++;
    return true;
}

/* Whether a subject matches both; without `both_ways`, whether `a` matches all that `b` matches. */
static bool match(const char *a, const char *b, bool both_ways)
{
    for (;;) {
        size_t m = strcspn(a, "."), n = strcspn(b, ".");
        if (is_token(a, m, '>'))
            return true;
        if (is_token(b, n, '>'))
            return both_ways;
        bool is_same = m == n && memcmp(a, b, m) == 0;
        if (!is_same && !is_token(a, m, '*') && !(both_ways && is_token(b, n, '*')))
            return false;
        bool more = next_token(&a, m);
        if (more != next_token(&b, n))
            return false;
        if (!more)
            return true;
    }
}

bool subject_overlap(const char *filter, const char *other)
{
    return match(filter, other, true);
}

bool subject_covers(const char *outer, const char *inner)
{
    return match(outer, inner, false);
}
