/* removal: takes letters off the DLQ stream: each by a purge of its own subject, up to its own
 * sequence, so that one which was put there since stays. Or all of a kind up to one of them, which
 * costs the server a look at every subject of that kind (2.15), but one for thousands of letters.
 */
#ifndef NATSQ_LETTER_PURGE_H
#define NATSQ_LETTER_PURGE_H

#include "nats/requester.h"

struct dlq;

/* At once at most, where they are all of their kind. */
enum { LETTER_PURGE_MAX = 4096 };

struct letter_purge {
    const char *subject;
    uint64_t seq;
    bool gone; /* by us or by somebody */
    char why[200];
};

struct letter_purger {
    struct dlq *dlq;
    struct requester *requester;
    /* The letters of each batch are all held ones that the stream holds up to the last of them:
     * every letter is selected, in its order, and none was left. Cleared by who leaves one. */
    bool has_all;
};

/* `exchange` is kept. */
void letter_purger_begin(struct letter_purger *purger, struct dlq *dlq,
                         struct requester *requester);

/* How many letters to take at once. */
size_t letter_purger_batch(const struct letter_purger *purger);

/* All in one round trip. -1 only when nothing could be sent. */
int letter_purger_run(struct letter_purger *purger, struct letter_purge *items, size_t n,
                      struct error *error);

#endif
