/* bulk_action: the frame of a verb that does something to letters, batch by batch: dry run,
 * question, count. Such a verb can be cut off anywhere and run again. */
#ifndef NATSQ_BULK_ACTION_H
#define NATSQ_BULK_ACTION_H

#include "letters/action_report.h"

struct bulk_action {
    const char *verb, *did, *already; /* "retry", "retried", "back already" */
    unsigned states;                  /* of the letters that it acts on */
    size_t most;                      /* letters in a batch; 0: SHELF_BATCH */
    /* Tells the report of each entry. -1: nothing more can be done. */
    int (*batch)(void *closure, struct letter_entry *entries, size_t n,
                 struct action_report *report, struct error *error);
    void *closure;
};

/* 0; 1: the answer was no; -1, also when some are left. */
int bulk_action_run(struct dlq *dlq, const struct bulk_action *action, struct error *error);

/* The dry run, or the question. 0: go on. 1: that was all. -1. */
int bulk_action_prepare(struct dlq *dlq, const struct bulk_action *action, struct error *error);

/* Asks "retry 12 held letters? [y/N]" unless --yes is given. */
bool bulk_action_confirm(const struct dlq *dlq, const char *question);

#endif
