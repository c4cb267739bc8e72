/* action_report: logs, prints and counts what a verb did with each of its letters. */
#ifndef NATSQ_ACTION_REPORT_H
#define NATSQ_ACTION_REPORT_H

#include "letters/letter_reader.h"
#include "letters/tty_progress.h"

struct action_report {
    const struct dlq *dlq;
    const char *did;     /* "retried" */
    const char *already; /* "back already" */
    uint64_t total;      /* letters to act on, set by the verb; 0: not known */
    uint64_t done, found /* `already` */, differ, alive, left;
    uint64_t at, of; /* for the bar: how far the verb was when `seen` letters were counted, and how
                        far it goes, in any unit; `of` 0: not known */
    uint64_t seen;
    struct tty_progress progress;
    bool can_record; /* a line of the record was written: stdout takes data */
};

void action_report_begin(struct action_report *report, const struct dlq *dlq, const char *did,
                         const char *already);

/* For the bar: counts the letters that `reader` will read. Does nothing where no bar is shown. */
int action_report_follow(struct action_report *report, const struct letter_reader *reader,
                         struct error *error);

/* For the bar, before each batch: how far the verb is. */
void action_report_reach(struct action_report *report, uint64_t at);

/* The action was done; there was nothing to do; the letter's job is alive again; it could not be
 * done, for this reason. */
void action_report_done(struct action_report *report, const struct letter_entry *entry);
void action_report_already(struct action_report *report, const struct letter_entry *entry);
void action_report_alive(struct action_report *report, const struct letter_entry *entry);
void action_report_left(struct action_report *report, const struct letter_entry *entry,
                        const char *format, ...) __attribute__((format(printf, 3, 4)));

/* import: another version of the letter is there already. */
void action_report_differs(struct action_report *report, const struct letter_entry *entry);

/* How many letters to act on in the next batch, at most `most`. With --json: one until its line is
 * written, then no more than may go unrecorded when stdout breaks. */
size_t action_report_batch(const struct action_report *report, size_t most);

/* After each batch: writes out its lines of --json. -1 (74) when that fails, even if only
 * the reader is gone: the verb must stop, or nobody would know what it did. */
int action_report_flush(struct action_report *report, struct error *error);

/* Logs the counts. -1 (75) when letters are left, or it was stopped before the end. */
int action_report_end(struct action_report *report, struct error *error);

#endif
