/* originals: the dead jobs that a batch of letters is about, in the origin. Each function does one
 * step for all letters of the batch that `choose` picks: look whether their jobs are alive again,
 * retire them, or read their bodies. */
#ifndef NATSQ_ORIGINALS_H
#define NATSQ_ORIGINALS_H

#include "letter/retire.h"
#include "queue/stored_messages.h"

/* The letter of the ith item of a batch, or NULL to leave it out of the step. */
typedef const struct letter *choose_letter(void *batch, size_t i);

struct retire_step {
    choose_letter *choose;
    bool only_looks; /* as in retire() */
    void (*note)(void *batch, size_t i,
                 enum retire_outcome outcome); /* called for each chosen item */
};

/* Sets the outcomes even on failure: LATER for those that it did not reach. */
int retire_step_run(const struct retire_step *step, void *batch, size_t n,
                    struct requester *requester, struct error *error);

/* Reads the jobs for their bodies: originals[i] is that of the ith item, and empty where the item
 * was not chosen. GONE also when another job has the sequence. For stored_messages_clear. */
int originals_fetch(choose_letter *choose, void *batch, size_t n, struct stored_message *originals,
                    struct requester *requester, struct error *error);

#endif
