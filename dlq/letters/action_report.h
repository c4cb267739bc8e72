/* tally: what became of each letter that a verb was asked to act on, said and counted. */
#ifndef NATSQ_ACTION_REPORT_H
#define NATSQ_ACTION_REPORT_H

#include "letters/letter_reader.h"
#include "letters/tty_progress.h"

struct action_report {
    const struct dlq *dlq;
    const char *did;     /* "retried" */
    const char *already; /* "back already" */
    uint64_t done, found, alive, left;
    struct tty_progress progress;
    bool can_record; /* a line was written: the record of an action has somewhere to go */
};

void action_report_begin(struct action_report *report, const struct dlq *dlq, const char *did,
                         const char *already);

void action_report_done(struct action_report *report,
                        const struct letter_entry *entry); /* it was done */
void action_report_already(struct action_report *report,
                           const struct letter_entry *entry); /* nothing was to be done */
void action_report_alive(struct action_report *report,
                         const struct letter_entry *entry); /* its job is alive again */
void action_report_left(struct action_report *report, const struct letter_entry *entry,
                        const char *format, ...)
    __attribute__((format(printf, 3, 4))); /* it could not be done, and why */

/* How many letters to act on at once, `most` at the most. With --json one until its line is
 * written, and then no more than may go unrecorded when stdout breaks. */
size_t action_report_batch(const struct action_report *report, size_t most);

/* After each batch: with --json its lines are written out. -1 (74) when they cannot be, also when
 * their reader is gone: the verb must stop, or nobody would know what it did. */
int action_report_flush(struct action_report *report, struct error *error);

/* Says the count. -1 (75) when some are left, or a stop came before the end. */
int action_report_end(struct action_report *report, struct error *error);

#endif
