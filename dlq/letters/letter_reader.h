/* letter_reader: the letters of the DLQ stream that the selection names, in the order in which they
 * came; reading them takes nothing away. Constant memory; one thread. */
#ifndef NATSQ_LETTER_READER_H
#define NATSQ_LETTER_READER_H

#include "base/cleanup.h"
#include "letter/letter.h"

struct dlq;

enum { READ_WAITING = 1, READ_HELD = 2, READ_WITH_PROGRESS = 4, READ_BATCH = 256 };

/* A letter where it lies. One that cannot be read has a fault, no subject, the reason `unreadable`,
 * its sequence in the DLQ stream and the time when it was stored. */
struct letter_entry {
    struct job message; /* owned; job_subject is its own in the DLQ stream */
    bool held;
    const char *fault;
    struct letter letter;
};

struct letter_reader;

/* `states`: which, the waiting ones first. A long search is seen at a terminal; with SHELF_WATCHED
 * also where one comes after the other, for who shows nothing himself meanwhile. */
int letter_reader_open(struct letter_reader **opened, struct dlq *dlq, unsigned states,
                       struct error *error);
void letter_reader_close(struct letter_reader *reader);

/* 0: the next, for letter_entry_clear. 1: the end, or a stop was requested. -1. */
int letter_reader_next(struct letter_reader *reader, struct letter_entry *entry,
                       struct error *error);

/* As many as make a batch, by number (`most`, at most SHELF_BATCH) and by bytes; 0 at the end. -1.
 */
int letter_reader_take(struct letter_reader *reader, struct letter_entry *entries, size_t most,
                       size_t *n, struct error *error);

/* How many there are. */
int letter_reader_count(struct dlq *dlq, unsigned states, uint64_t *n, struct error *error);

/* What the message says, which the entry takes over. */
void letter_entry_read(struct letter_entry *entry, struct job *message, const char *origin);
void letter_entry_clear(struct letter_entry *entry);
void letter_entries_clear(struct letter_entry *entries, size_t n);

/* For originals_fetch from entries: those whose letter leaves its body in the origin. */
const struct letter *letter_entry_by_reference(void *entries, size_t i);

/* "12", or "_7" for one that cannot be read. */
const char *letter_entry_name(const struct letter_entry *entry, char name[24]);
const char *letter_entry_state(const struct letter_entry *entry);

CLEANUP_DEFINE(struct letter_reader *, cleanup_letter_reader, letter_reader_close)

#endif
