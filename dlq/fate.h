/* fate: a letter → what becomes of it when there is no handler to ask. Pure. */
#ifndef NATSQ_FATE_H
#define NATSQ_FATE_H

#include "letter.h"

enum fate {
    FATE_PUT_BACK, /* to its subject, for fresh attempts */
    FATE_HOLD,     /* for a person */
};

enum { FATE_DELIVERIES_MAX = 10 }; /* a letter delivered as often without a fate is held */

/* `retries` is how often a job may be put back, `deliveries` how often the letter was delivered. */
enum fate fate_of(const struct letter *letter, int64_t retries, uint64_t deliveries);

#endif
