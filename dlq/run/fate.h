/* fate: what becomes of a waiting letter. Pure.
 *
 * This is the only place that counts how many times a dead job was tried: by the times it was put
 * back (the letter's retries) or, if there is a handler, by the deliveries of the letter. */
#ifndef NATSQ_FATE_H
#define NATSQ_FATE_H

#include "handler/verdict.h"
#include "letter/letter.h"

enum fate {
    FATE_PUT_BACK,  /* to its subject, for fresh attempts */
    FATE_HOLD,      /* for a person */
    FATE_DONE,      /* a handler did what the job asked for */
    FATE_UNDECIDED, /* none yet: the letter is redelivered */
    FATE_JOB_ALIVE, /* the job is alive again in the origin: nothing is left to do */
};

/* A letter that is delivered more often without a fate is held. */
enum { FATE_DELIVERIES_MAX = 10 };

/* Whether to hold the letter without asking a handler: it is hopeless, or was delivered too often.
 */
bool fate_must_hold(const struct letter *letter, uint64_t deliveries);

/* After a handler's attempt; the letter is held after `max_attempts` deliveries that failed. */
enum fate fate_of_verdict(const struct verdict *verdict, uint64_t deliveries, int64_t max_attempts);

/* Without a handler. `retries`: how many times a job may be put back. `deliveries`: of the
 * letter. */
enum fate fate_of_letter(const struct letter *letter, int64_t retries, uint64_t deliveries);

#endif
