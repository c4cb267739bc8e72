/* tally: what became of each letter that a verb was asked to act on, said and counted. */
#ifndef NATSQ_TALLY_H
#define NATSQ_TALLY_H

#include "letters/letter_reader.h"
#include "letters/tty_progress.h"

struct tally {
    const struct dlq *dlq;
    const char *did;     /* "retried" */
    const char *already; /* "back already" */
    uint64_t done, found, alive, left;
    struct tty_progress progress;
    bool can_record; /* a line was written: the record of an action has somewhere to go */
};

void tally_begin(struct tally *tally, const struct dlq *dlq, const char *did, const char *already);

void tally_done(struct tally *tally, const struct entry *entry);    /* it was done */
void tally_already(struct tally *tally, const struct entry *entry); /* nothing was to be done */
void tally_alive(struct tally *tally, const struct entry *entry);   /* its job is alive again */
void tally_left(struct tally *tally, const struct entry *entry, const char *format, ...)
    __attribute__((format(printf, 3, 4))); /* it could not be done, and why */

/* How many letters to act on at once, `most` at the most. With --json one until its line is
 * written, and then no more than may go unrecorded when stdout breaks. */
size_t tally_batch(const struct tally *tally, size_t most);

/* After each batch: with --json its lines are written out. -1 (74) when they cannot be, also when
 * their reader is gone: the verb must stop, or nobody would know what it did. */
int tally_record(struct tally *tally, struct error *error);

/* Says the count. -1 (75) when some are left, or a stop came before the end. */
int tally_end(struct tally *tally, struct error *error);

#endif
