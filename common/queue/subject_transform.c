#include "queue/subject_transform.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { WILDCARDS_MAX = 32 };

/* What a token of a target stands for. */
enum kind {
    LITERAL,
    WILDCARD, /* a numbered wildcard of the source */
    REST,     /* > */
    ONE,      /* one token, from which the wildcards cannot be recovered */
    SEVERAL,  /* any number of tokens */
};

struct token {
    const char *at;
    size_t length;
};

/* Takes the next token from `*rest`; false at the end. A function may contain dots: {{split(1,.)}}.
 */
static bool next(const char **rest, struct token *token)
{
    const char *at = *rest;
    if (!at)
        return false;
    const char *close = strncmp(at, "{{", 2) == 0 ? strstr(at, "}}") : NULL;
    token->at = at;
    token->length = (close ? (size_t)(close - at) : 0) + strcspn(close ? close : at, ".");
    *rest = at[token->length] ? at + token->length + 1 : NULL;
    return true;
}

static bool is_function(const struct token *token, const char *name)
{
    const char *at = token->at + 2;
    if (token->length < 4 || strncmp(token->at, "{{", 2) != 0)
        return false;
    at += strspn(at, " ");
    return strncasecmp(at, name, strlen(name)) == 0;
}

/* `number`: of a WILDCARD, from 1 on. */
static enum kind kind_of(const struct token *token, unsigned long *number)
{
    static const char *const single[] = {"partition", "left", "right", "random"};
    if (token->length == 1 && *token->at == '>')
        return REST;
    const char *digits = *token->at == '$'                ? token->at + 1
                         : is_function(token, "wildcard") ? strchr(token->at, '(')
                                                          : NULL;
    if (digits) {
        *number = strtoul(digits + (*digits == '('), NULL, 10);
        return *number > 0 && *number <= WILDCARDS_MAX ? WILDCARD
               : *token->at == '$'                     ? LITERAL
                                                       : ONE;
    }
    for (size_t i = 0; i < sizeof single / sizeof single[0]; i++)
        if (is_function(token, single[i]))
            return ONE;
    return strncmp(token->at, "{{", 2) == 0 ? SEVERAL : LITERAL;
}

static bool add(char text[SUBJECT_TRANSFORM_MAX], const char *token, size_t length)
{
    size_t used = strlen(text);
    if (used + length + 2 > SUBJECT_TRANSFORM_MAX)
        return false;
    snprintf(text + used, SUBJECT_TRANSFORM_MAX - used, "%s%.*s", used ? "." : "", (int)length,
             token);
    return true;
}

const char *subject_transform_filter(const char *target, char filter[SUBJECT_TRANSFORM_MAX])
{
    struct token token;
    unsigned long number;
    filter[0] = '\0';
    for (const char *rest = target; next(&rest, &token);) {
        enum kind kind = kind_of(&token, &number);
        bool is_open = kind == REST || kind == SEVERAL;
        const char *text = is_open ? ">" : kind == LITERAL ? token.at : "*";
        if (!add(filter, text, kind == LITERAL ? token.length : 1))
            return strcpy(filter, ">");
        if (is_open)
            break;
    }
    return filter;
}

/* What the wildcards of the source matched. */
struct capture {
    struct token wildcard[WILDCARDS_MAX];
    const char *rest;
};

static bool capture(const char *target, const char *subject, struct capture *found)
{
    struct token token, stored;
    unsigned long number;
    const char *left = subject;
    for (const char *rest = target; next(&rest, &token);) {
        enum kind kind = kind_of(&token, &number);
        found->rest = kind == REST ? left : NULL;
        if (kind == REST)
            return left != NULL;
        if (kind == SEVERAL || !next(&left, &stored))
            return false;
        if (kind == LITERAL &&
            (token.length != stored.length || memcmp(token.at, stored.at, token.length) != 0))
            return false;
        if (kind == WILDCARD)
            found->wildcard[number - 1] = stored;
    }
    return left == NULL;
}

bool subject_transform_undo(const char *source, const char *target, const char *subject,
                            char before[SUBJECT_TRANSFORM_MAX])
{
    struct capture found = {0};
    struct token token;
    size_t wildcards = 0;
    before[0] = '\0';
    if (!capture(target, subject, &found))
        return false;
    for (const char *rest = *source ? source : ">"; next(&rest, &token);) {
        bool is_single = token.length == 1;
        if (is_single && *token.at == '*') {
            if (wildcards == WILDCARDS_MAX || !found.wildcard[wildcards].at)
                return false;
            token = found.wildcard[wildcards++];
        } else if (is_single && *token.at == '>') {
            if (!found.rest)
                return false;
            token = (struct token){found.rest, strlen(found.rest)};
        }
        if (!add(before, token.at, token.length))
            return false;
    }
    return true;
}
