/* content_hash: a hash of a message's body and headers, whatever the order of the names. Pure. */
#ifndef NATSQ_CONTENT_HASH_H
#define NATSQ_CONTENT_HASH_H

#include <nats/nats.h>
#include <stdbool.h>

enum { CONTENT_HASH_TEXT = 33 };

/* In hexadecimal. `jobs_only`: without the headers of natsq (Natsq-*). */
natsStatus content_hash(natsMsg *message, bool jobs_only, char text[CONTENT_HASH_TEXT]);

#endif
