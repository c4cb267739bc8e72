/* known: which letters the DLQ stream holds about jobs, asked of its leader. */
#ifndef NATSQ_KNOWN_H
#define NATSQ_KNOWN_H

#include "letter/letter.h"
#include "nats/requester.h"

enum known {
    KNOWN_NOT, /* no answer */
    KNOWN_NONE,
    KNOWN_BY_VALUE,
    KNOWN_BY_REFERENCE, /* the body is to stay in the origin */
};

/* Of each letter only the identity is read (origin, consumer, sequence and time); NULL asks for
 * nothing and is KNOWN_NOT. Waiting or held is the same here. */
int known_look_up(struct exchange *exchange, struct connection *connection, const char *stream,
                  const struct letter *const *letters, size_t n, enum known *known,
                  struct error *error);

#endif
