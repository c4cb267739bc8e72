/* removal: takes letters off the DLQ stream: each by a purge of its own subject, up to its own
 * sequence, so that one which was put there since stays. Or all of a kind up to one of them, which
 * costs the server a look at every subject of that kind (2.15), but one for thousands of letters.
 */
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

/* Whatever matches `filter` up to the last of the items: for who has them all, from the first that
 * the stream holds. */
int remove_letters_up_to(struct exchange *exchange, struct connection *connection,
                         const char *stream, const char *filter, struct removal *items, size_t n,
                         struct error *error);

#endif
