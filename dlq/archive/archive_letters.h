/* archive_letters: the selected letters in the file that a verb is given, or in stdin. Constant
 * memory; for one thread. */
#ifndef NATSQ_ARCHIVE_LETTERS_H
#define NATSQ_ARCHIVE_LETTERS_H

#include "archive/archive.h"
#include "letters/letter_entry.h"
#include "tables/letter_summary.h"

struct dlq;

struct archive_letters {
    const struct dlq *dlq;
    FILE *file; /* owned, unless it is stdin */
    struct archive_reader reader;
    bool *found; /* the ranges of the selection that selected a letter */
};

/* -1: the file cannot be read (66), or is not an archive (65). Close it in any case; initialize it
 * with {0}. */
int archive_letters_open(struct archive_letters *letters, const struct dlq *dlq,
                         struct error *error);
void archive_letters_close(struct archive_letters *letters);

/* 0: the next, for letter_entry_clear. 1: the end. -1 (65): it is damaged here. */
int archive_letters_next(struct archive_letters *letters, struct letter_entry *entry,
                         struct error *error);

/* Reads all up to the limit, and begins again. Leaves the summary empty when the file cannot be
 * read twice, and stops at damage. */
int archive_letters_summarize(struct archive_letters *letters, struct letter_summary *summary,
                              struct error *error);

/* After the end: as letter_reader_check_seqs. */
int archive_letters_check_seqs(const struct archive_letters *letters, struct error *error);

/* After the end: warns when JSON lines lack the one that says how many there are. */
void archive_letters_warn_without_end(const struct archive_letters *letters);

/* How many bytes of the file are read, and its size; false where that is not known. */
bool archive_letters_position(const struct archive_letters *letters, uint64_t *at, uint64_t *size);

#endif
