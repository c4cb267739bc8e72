/* act: the frame of a verb that does something to letters, batch by batch: dry run, question,
 * count. Such a verb can be cut off anywhere and run again. */
#ifndef NATSQ_ACT_H
#define NATSQ_ACT_H

#include "letters/tally.h"

struct act {
    const char *verb, *did, *already; /* "retry", "retried", "back already" */
    unsigned states;                  /* of the letters that it acts on */
    size_t most;                      /* letters in a batch; 0: SHELF_BATCH */
    /* Tells the tally of each entry. -1: nothing more can be done. */
    int (*batch)(void *closure, struct entry *entries, size_t n, struct tally *tally,
                 struct error *error);
    void *closure;
};

/* 0; 1: the answer was no; -1, also when some are left. */
int act_run(struct dlq *dlq, const struct act *act, struct error *error);

/* The dry run, or the question. 0: go on. 1: that was all. -1. */
int act_prepare(struct dlq *dlq, const struct act *act, struct error *error);

/* Asks "retry 12 held letters? [y/N]" unless --yes is given. */
bool act_may(const struct dlq *dlq, const char *question);

#endif
