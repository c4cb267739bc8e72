/* letter_reader: reads the selected letters of the DLQ stream, and the jobs that only an advisory
 * names, state by state, each in the order in which they were stored. Removes nothing. Constant
 * memory but for announced_reader's; for one thread. */
#ifndef NATSQ_LETTER_READER_H
#define NATSQ_LETTER_READER_H

#include "base/cleanup.h"
#include "letters/letter_entry.h"

struct dlq;

/* What to read: states, one bit each, and how. */
enum {
    READ_ANNOUNCED = 1 << LETTER_ANNOUNCED,
    READ_WAITING = 1 << LETTER_WAITING,
    READ_HELD = 1 << LETTER_HELD,
    READ_ALL = READ_ANNOUNCED | READ_WAITING | READ_HELD,
    READ_WITH_PROGRESS = 1 << LETTER_STATES,
};

enum { READ_BATCH = 256 };

struct letter_reader;

/* `states`: READ_WAITING | …; they are read in the order of enum letter_state. A long search
 * without a match shows its progress at a terminal; with READ_WITH_PROGRESS a long run of matches
 * does too, for a caller that shows none. */
int letter_reader_open(struct letter_reader **opened, struct dlq *dlq, unsigned states,
                       struct error *error);
void letter_reader_close(struct letter_reader *reader);

/* 0: the next, for letter_entry_clear. 1: the end, or a stop was requested. -1. */
int letter_reader_next(struct letter_reader *reader, struct letter_entry *entry,
                       struct error *error);

/* How many letters there are to read, whether they will be selected or not, before the first one is
 * read; and how many were read. */
int letter_reader_count(const struct letter_reader *reader, uint64_t *n, struct error *error);
uint64_t letter_reader_read(const struct letter_reader *reader);

/* Before the first one is read: leaves out what is stored after this sequence of the DLQ stream; 0:
 * nothing. And the sequence up to which the latest state was read. */
void letter_reader_end_at(struct letter_reader *reader, uint64_t seq);
uint64_t letter_reader_last(const struct letter_reader *reader);

/* From this time (clock_now) on, letter_reader_next returns 2, once, when the next letter is not
 * found yet. */
void letter_reader_pause_at(struct letter_reader *reader, int64_t time);

/* After the end. -1 (69): a SEQ that was given is not there; not after a stop or --limit. */
int letter_reader_check_seqs(const struct letter_reader *reader, struct error *error);

/* False when announced jobs were left out that could not be judged, which it has logged: we may not
 * look at the origin, or the server did not answer. Known at the end. */
bool letter_reader_is_complete(const struct letter_reader *reader);

/* A batch of at most `most` entries, or fewer when they are large; `*n` is 0 at the end. -1. */
int letter_reader_take(struct letter_reader *reader, struct letter_entry *entries, size_t most,
                       size_t *n, struct error *error);

CLEANUP_DEFINE(struct letter_reader *, cleanup_letter_reader, letter_reader_close)

#endif
