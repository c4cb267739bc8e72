/* letter_purge: removes held letters from the DLQ stream. Each is purged by its own subject, up to
 * its own sequence, so that a letter stored there later stays. When all held letters are selected,
 * one purge by a filter removes a batch up to its last letter: the server then scans every subject
 * under the filter (2.15), but only once for thousands of letters. */
#ifndef NATSQ_LETTER_PURGE_H
#define NATSQ_LETTER_PURGE_H

#include "letters/letter_reader.h"

enum { LETTER_PURGE_MAX = 4096 }; /* letters in a batch */

struct letter_purge {
    const struct letter_entry *entry;
    bool gone; /* removed, by us or by somebody else */
    char why[200];
};

struct letter_purger {
    /* Both are set by the caller. `has_all`: the batches are all held letters of the stream in
     * their order, without a gap: all letters are selected and none was left. Cleared when one is
     * left. */
    const struct dlq *dlq;
    bool has_all;
};

/* How many letters to take in a batch. */
size_t letter_purger_batch(const struct letter_purger *purger);

/* Removes all in one round trip. -1 only when nothing could be sent. */
int letter_purger_run(struct letter_purger *purger, struct letter_purge *items, size_t n,
                      struct error *error);

#endif
