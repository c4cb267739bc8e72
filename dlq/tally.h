/* tally: what became of each letter that a verb was asked to act on, said and counted. */
#ifndef NATSQ_TALLY_H
#define NATSQ_TALLY_H

#include "headway.h"
#include "shelf.h"

struct tally {
    const struct dlq *dlq;
    const char *did;     /* "retried" */
    const char *already; /* "back already" */
    uint64_t done, found, left;
    struct headway headway;
};

void tally_begin(struct tally *tally, const struct dlq *dlq, const char *did, const char *already);

void tally_done(struct tally *tally, const struct entry *entry);    /* it was done */
void tally_already(struct tally *tally, const struct entry *entry); /* nothing was to be done */
void tally_left(struct tally *tally, const struct entry *entry, const char *format, ...)
    __attribute__((format(printf, 3, 4))); /* it could not be done, and why */

/* Says the count. -1 (75) when some are left, or a stop came before the end. */
int tally_end(struct tally *tally, struct error *error);

#endif
