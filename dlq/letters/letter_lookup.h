/* letter_index: which letters the DLQ stream holds about jobs, asked of its leader. */
#ifndef NATSQ_LETTER_LOOKUP_H
#define NATSQ_LETTER_LOOKUP_H

#include "letter/letter.h"
#include "nats/requester.h"

enum letter_found {
    LETTER_UNKNOWN, /* no answer */
    LETTER_NONE,
    LETTER_BY_VALUE,
    LETTER_BY_REFERENCE, /* the body is to stay in the origin */
};

/* Of each letter only the identity is read (origin, consumer, sequence and time); NULL asks for
 * nothing and is KNOWN_NOT. Waiting or held is the same here. */
int letters_look_up(struct requester *requester, struct connection *connection, const char *stream,
                    const struct letter *const *letters, size_t n, enum letter_found *known,
                    struct error *error);

#endif
