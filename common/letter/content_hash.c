#include "letter/content_hash.h"

#include "base/cleanup.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

enum { BYTES = CONTENT_HASH_TEXT / 2 };
_Static_assert((int)BYTES >= (int)crypto_generichash_BYTES_MIN, "a hash that libsodium makes");

static int compare(const void *one, const void *other)
{
    return strcmp(*(const char *const *)one, *(const char *const *)other);
}

/* With its NUL, so that no two texts together look like two others. */
static void add_text(crypto_generichash_state *state, const char *text)
{
    crypto_generichash_update(state, (const unsigned char *)text, strlen(text) + 1);
}

static natsStatus add_header(crypto_generichash_state *state, natsMsg *message, const char *name)
{
    _cleanup_(cleanup_free) const char **values = NULL;
    int n;
    natsStatus s = natsMsgHeader_Values(message, name, &values, &n);
    for (int i = 0; s == NATS_OK && i < n; i++) {
        add_text(state, name);
        add_text(state, values[i]);
    }
    return s;
}

natsStatus content_hash(natsMsg *message, content_hash_counts *counts, const void *body,
                        size_t length, char text[CONTENT_HASH_TEXT])
{
    crypto_generichash_state state;
    unsigned char hash[BYTES];
    _cleanup_(cleanup_free) const char **names = NULL;
    int n = 0;
    natsStatus s = natsMsgHeader_Keys(message, &names, &n);
    if (s == NATS_NOT_FOUND)
        s = NATS_OK;
    crypto_generichash_init(&state, NULL, 0, sizeof hash);
    if (n > 0)
        qsort(names, (size_t)n, sizeof *names, compare);
    for (int i = 0; s == NATS_OK && i < n; i++)
        if (counts(names[i]))
            s = add_header(&state, message, names[i]);
    crypto_generichash_update(&state, (const unsigned char *)"", 1); /* ends the headers */
    crypto_generichash_update(&state, body, length);
    crypto_generichash_final(&state, hash, sizeof hash);
    sodium_bin2hex(text, CONTENT_HASH_TEXT, hash, sizeof hash);
    return s;
}
