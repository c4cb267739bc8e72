/* removal: takes letters off the DLQ stream: each by a purge of its own subject, up to its own
 * sequence, so that one which was put there since stays. (One purge of a whole batch, with a
 * wildcard, has the server look at every held subject for each batch: slower from 50,000 on.) */
#ifndef NATSQ_REMOVAL_H
#define NATSQ_REMOVAL_H

#include "exchange.h"

struct removal {
    const char *subject;
    uint64_t seq;
    bool gone; /* by us or by somebody */
    char why[200];
};

/* All in one round trip. -1 only when nothing could be sent. */
int remove_letters(struct exchange *exchange, struct connection *connection, const char *stream,
                   struct removal *items, size_t n, struct error *error);

#endif
