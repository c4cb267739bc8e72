/* letter_entry: a dead job as the DLQ stream knows it: a letter that waits or is held, or a job
 * that only an advisory names yet. */
#ifndef NATSQ_LETTER_ENTRY_H
#define NATSQ_LETTER_ENTRY_H

#include "letter/letter.h"
#include "letter_state.h"

/* An unreadable letter has a fault, no subject, the reason `unreadable`, its sequence in the DLQ
 * stream as `seq` and the time at which it was stored as `died_at`. The letter of an announced job
 * is the one that collecting it would write. */
struct letter_entry {
    struct job message; /* owned: the letter as it is stored; of an announced job, the job itself */
    enum letter_state state;
    const char *fault; /* why it cannot be read, or NULL */
    char *consumer;    /* owned: that of an announced job; else NULL */
    struct letter letter;
};

/* Reads a message of the DLQ stream, and takes ownership of it. */
void letter_entry_read(struct letter_entry *entry, struct job *message, const char *origin);
void letter_entry_clear(struct letter_entry *entry);
void letter_entries_clear(struct letter_entry *entries, size_t n);

/* The memory that acting on it takes. The body of a letter by reference, which is still in the
 * origin, is taken to be as large as a message may be by default. */
size_t letter_entry_bytes(const struct letter_entry *entry);

/* A choose_letter (originals) for an array of entries: the letters by reference. */
const struct letter *letter_entry_by_reference(void *entries, size_t i);

/* "12", or "_7" for an unreadable letter. */
const char *letter_entry_name(const struct letter_entry *entry, char name[24]);
const char *letter_entry_state(const struct letter_entry *entry);

#endif
