/* fate: a letter × what a handler made of it → what becomes of it. Pure. */
#ifndef NATSQ_FATE_H
#define NATSQ_FATE_H

#include "handler/verdict.h"
#include "letter/letter.h"

enum fate {
    FATE_PUT_BACK, /* to its subject, for fresh attempts */
    FATE_HOLD,     /* for a person */
    FATE_DONE,     /* a handler did what the job asked for */
    FATE_AGAIN,    /* none yet: the letter is redelivered */
    FATE_ALIVE,    /* its job is alive again in the origin: the letter is settled */
};

enum { FATE_DELIVERIES_MAX = 10 }; /* a letter delivered as often without a fate is held */

/* Held whatever a handler would say of it: it is hopeless, or was delivered too often. */
bool fate_is_sealed(const struct letter *letter, uint64_t deliveries);

/* With a handler, which may fail `max_attempts` deliveries of the letter. */
enum fate fate_of_verdict(const struct verdict *verdict, uint64_t deliveries, int64_t max_attempts);

/* With none: put back. `retries` is how often a job may be put back, `deliveries` how often the
 * letter was delivered. */
enum fate fate_of(const struct letter *letter, int64_t retries, uint64_t deliveries);

#endif
