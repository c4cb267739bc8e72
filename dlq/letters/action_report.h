/* action_report: logs, prints and counts what a verb did with each of its letters. */
#ifndef NATSQ_ACTION_REPORT_H
#define NATSQ_ACTION_REPORT_H

#include "letters/letter_reader.h"
#include "letters/tty_progress.h"

struct action_report {
    const struct dlq *dlq;
    const char *did;     /* "retried" */
    const char *already; /* "back already" */
    uint64_t done, found /* `already` */, alive, left;
    struct tty_progress progress;
    bool can_record; /* a line of the record was written: stdout takes data */
};

void action_report_begin(struct action_report *report, const struct dlq *dlq, const char *did,
                         const char *already);

/* The action was done; there was nothing to do; the letter's job is alive again; it could not be
 * done, for this reason. */
void action_report_done(struct action_report *report, const struct letter_entry *entry);
void action_report_already(struct action_report *report, const struct letter_entry *entry);
void action_report_alive(struct action_report *report, const struct letter_entry *entry);
void action_report_left(struct action_report *report, const struct letter_entry *entry,
                        const char *format, ...) __attribute__((format(printf, 3, 4)));

/* How many letters to act on in the next batch, at most `most`. With --json: one until its line is
 * written, then no more than may go unrecorded when stdout breaks. */
size_t action_report_batch(const struct action_report *report, size_t most);

/* After each batch: writes out its lines of --json. -1 (74) when that fails, even if only
 * the reader is gone: the verb must stop, or nobody would know what it did. */
int action_report_flush(struct action_report *report, struct error *error);

/* Logs the counts. -1 (75) when letters are left, or it was stopped before the end. */
int action_report_end(struct action_report *report, struct error *error);

#endif
