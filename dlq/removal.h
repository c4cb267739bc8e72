/* removal: takes letters off the DLQ stream: each by a purge of its own subject, up to its own
 * sequence, so that one which was put there since stays. */
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

/* The same with one purge of all held letters up to the last item: for who knows that the items,
 * and those that he removed before, are all of them. A stream is read in its order and nothing is
 * ever put between, so a letter that nobody read has a later sequence. */
int remove_up_to(struct exchange *exchange, struct connection *connection, const char *stream,
                 const char *origin, struct removal *items, size_t n, struct error *error);

#endif
