/* announced_reader: reads the dead jobs that only an advisory names: it is in the DLQ stream,
 * nobody has collected it, the job is still in the origin, dead as announced, and has no letter.
 * Each job comes once, however many advisories name it.
 *
 * Removes nothing. Reads and judges the advisories in batches, a few round trips each; remembers
 * the identities of the jobs that it returned. For one thread. */
#ifndef NATSQ_ANNOUNCED_READER_H
#define NATSQ_ANNOUNCED_READER_H

#include "base/cleanup.h"
#include "letters/letter_entry.h"

struct dlq;
struct announced_reader;

/* Reads the advisories up to sequence `last` of the DLQ stream. Advisories about jobs that the
 * selection cannot match by consumer or sequence are passed over. */
int announced_reader_open(struct announced_reader **opened, struct dlq *dlq, uint64_t last,
                          struct error *error);
void announced_reader_close(struct announced_reader *reader);

/* 0: the next, for letter_entry_clear. 1: the end, or a stop was requested. -1 (77): we may not
 * look at the origin, its consumers or the letters. */
int announced_reader_next(struct announced_reader *reader, struct letter_entry *entry,
                          struct error *error);

/* Whether it returned the job that this letter is about: the job was collected meanwhile. */
bool announced_reader_returned(const struct announced_reader *reader, const struct letter *letter);

/* How many advisories it passed over because the server did not answer. */
uint64_t announced_reader_undecided(const struct announced_reader *reader);

CLEANUP_DEFINE(struct announced_reader *, cleanup_announced_reader, announced_reader_close)

#endif
