#include "letter/letter_difference.h"

#include "letter/content_hash.h"
#include "letter/letter.h"

#include <string.h>

static bool counts(const char *name)
{
    return !letter_name_makes_server_act(name) && strcasecmp(name, LETTER_EDITED) != 0;
}

/* "" when they cannot be read. */
static void hash_headers(const struct job *letter, char hash[CONTENT_HASH_TEXT])
{
    if (content_hash(letter->message, counts, NULL, 0, hash) != NATS_OK)
        hash[0] = '\0';
}

unsigned letter_difference(const struct job *one, const struct job *other)
{
    char hash[CONTENT_HASH_TEXT], other_hash[CONTENT_HASH_TEXT];
    size_t length, other_length;
    const char *body = job_body(one, &length), *other_body = job_body(other, &other_length);
    bool same_body =
        length == other_length && (length == 0 || memcmp(body, other_body, length) == 0);
    hash_headers(one, hash);
    hash_headers(other, other_hash);
    return (same_body ? 0u : LETTER_BODY_DIFFERS) |
           (strcmp(hash, other_hash) == 0 ? 0u : LETTER_HEADERS_DIFFER);
}

const char *letter_difference_text(unsigned difference)
{
    static const char *const texts[] = {NULL, "body", "headers", "body,headers"};
    return texts[difference & (LETTER_BODY_DIFFERS | LETTER_HEADERS_DIFFER)];
}
