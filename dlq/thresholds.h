/* thresholds: from which values on doctor calls something a warning, or critical. Pure. */
#ifndef NATSQ_THRESHOLDS_H
#define NATSQ_THRESHOLDS_H

#include "base/error.h"

#include <stdbool.h>
#include <stdint.h>

enum threshold {
    THRESHOLD_HELD,    /* held letters */
    THRESHOLD_WAITING, /* waiting letters and announced jobs */
    THRESHOLD_PENDING, /* jobs that were not delivered yet */
    THRESHOLD_AGE,     /* ns: of the oldest job that is not done */
    THRESHOLD_QUIET,   /* ns: since a job was delivered or done while all workers are busy */
    THRESHOLDS,
};

enum threshold_level { THRESHOLD_GOOD, THRESHOLD_WARNING, THRESHOLD_CRITICAL };

/* -1: the value is never too high. */
struct thresholds {
    const char *given_warning, *given_critical; /* "held=100,age=1h"; NULL: not given */
    int64_t warning[THRESHOLDS], critical[THRESHOLDS];
};

/* Fills in the defaults and the values that are given. -1: an unknown name, a bad value, a name
 * given twice, or critical below warning (64). */
int thresholds_parse(struct thresholds *thresholds, struct error *error);

enum threshold_level threshold_level(const struct thresholds *thresholds, enum threshold which,
                                     int64_t value);

#endif
