/* letter_counts: how many dead jobs and letters are in each state. */
#ifndef NATSQ_LETTER_COUNTS_H
#define NATSQ_LETTER_COUNTS_H

#include "letters/letter_reader.h"

struct letter_counts {
    uint64_t n[LETTER_STATES]; /* by enum letter_state */
    int64_t oldest;            /* the earliest death, ns since 1970; 0: there is none */
    bool is_complete;          /* as letter_reader_is_complete; set by letter_counts_read */
};

void letter_counts_add(struct letter_counts *counts, const struct letter_entry *entry);
uint64_t letter_counts_total(const struct letter_counts *counts);

/* How many are announced, as text: "?" when that is not known. Returns `text`. */
enum { LETTER_COUNT_TEXT_MAX = 24 };
const char *letter_counts_announced(const struct letter_counts *counts,
                                    char text[LETTER_COUNT_TEXT_MAX]);

/* "2 announced, 3 waiting": those of `states` (READ_WAITING | …) of which there are any, else the
 * last of them: "0 waiting". Returns `text`. */
enum { LETTER_COUNTS_TEXT_MAX = 120 };
const char *letter_counts_text(const struct letter_counts *counts, unsigned states,
                               char text[LETTER_COUNTS_TEXT_MAX]);

/* Reads and counts the selected ones. `states` as for letter_reader_open. Fewer when a stop was
 * requested meanwhile. */
int letter_counts_read(struct letter_counts *counts, struct dlq *dlq, unsigned states,
                       struct error *error);

#endif
