/* letter_reader: reads the selected letters of the DLQ stream in the order in which they were
 * stored, and removes nothing. Constant memory; for one thread. */
#ifndef NATSQ_LETTER_READER_H
#define NATSQ_LETTER_READER_H

#include "base/cleanup.h"
#include "letter/letter.h"
#include "letter_state.h"

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

/* A letter as it is stored. An unreadable letter has a fault, no subject, the reason `unreadable`,
 * its sequence in the DLQ stream as `seq` and the time at which it was stored as `died_at`. */
struct letter_entry {
    struct job message; /* owned; its subject is that in the DLQ stream */
    enum letter_state state;
    const char *fault; /* why it cannot be read, or NULL */
    struct letter letter;
};

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

/* After the end. -1 (69): a SEQ that was given selected no letter; not after a stop or --limit. */
int letter_reader_check_seqs(const struct letter_reader *reader, struct error *error);

/* A batch of at most `most` entries, or fewer when they are large; `*n` is 0 at the end. -1. */
int letter_reader_take(struct letter_reader *reader, struct letter_entry *entries, size_t most,
                       size_t *n, struct error *error);

/* Reads a message, and takes ownership of it. */
void letter_entry_read(struct letter_entry *entry, struct job *message, const char *origin);
void letter_entry_clear(struct letter_entry *entry);
void letter_entries_clear(struct letter_entry *entries, size_t n);

/* A choose_letter (originals) for an array of entries: the letters by reference. */
const struct letter *letter_entry_by_reference(void *entries, size_t i);

/* "12", or "_7" for an unreadable letter. */
const char *letter_entry_name(const struct letter_entry *entry, char name[24]);
const char *letter_entry_state(const struct letter_entry *entry);

CLEANUP_DEFINE(struct letter_reader *, cleanup_letter_reader, letter_reader_close)

#endif
