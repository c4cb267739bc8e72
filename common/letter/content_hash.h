/* content_hash: a hash of a body and headers, whatever the order of the names. Pure. */
#ifndef NATSQ_CONTENT_HASH_H
#define NATSQ_CONTENT_HASH_H

#include <nats/nats.h>
#include <stdbool.h>
#include <stddef.h>

enum { CONTENT_HASH_TEXT = 33 };

typedef bool content_hash_counts(const char *name);

/* In hexadecimal, of this body and the message's headers whose names count. */
natsStatus content_hash(natsMsg *message, content_hash_counts *counts, const void *body,
                        size_t length, char text[CONTENT_HASH_TEXT]);

#endif
