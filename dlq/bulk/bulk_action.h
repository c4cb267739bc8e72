/* bulk_action: what verbs that act on letters have in common: dry run, question, batches and
 * report. Such a verb can be interrupted anywhere and run again. */
#ifndef NATSQ_BULK_ACTION_H
#define NATSQ_BULK_ACTION_H

#include "bulk/action_report.h"
#include "tables/letter_summary.h"

struct bulk_action {
    const char *verb, *did, *already; /* "retry", "retried", "back already" */
    unsigned states;                  /* READ_HELD | … */
    size_t most;                      /* letters in a batch */
    /* Reports each entry. -1 ends the action. */
    int (*batch)(void *closure, struct letter_entry *entries, size_t n,
                 struct action_report *report, struct error *error);
    void *closure;
};

/* 0; 1: the answer was no; -1, also when letters are left. Acts on letters that were there when the
 * question was asked, and on no later one. */
int bulk_action_run(struct dlq *dlq, const struct bulk_action *action, struct error *error);

/* The dry run, or the question. 0: go on. 1: nothing more to do. -1. */
int bulk_action_prepare(struct dlq *dlq, const struct bulk_action *action, struct error *error);

/* Asks the question ("retry 12 held letters? [y/N]") unless --yes is given. 0: yes. 1: no, which is
 * logged. -1 (75): a stop was requested, as by Ctrl-C. */
int bulk_action_ask(const struct dlq *dlq, const char *question, struct error *error);

/* The same, after a summary of what would go. */
int bulk_action_ask_about(const struct dlq *dlq, const struct letter_summary *summary,
                          const char *question, struct error *error);

#endif
