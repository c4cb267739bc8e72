/* subject_transform: a stream's mapping of subjects (ADR-36), as far as it says which subjects come
 * out of it and what a subject was before. Pure. */
#ifndef NATSQ_SUBJECT_TRANSFORM_H
#define NATSQ_SUBJECT_TRANSFORM_H

#include <stdbool.h>
#include <stddef.h>

enum { SUBJECT_TRANSFORM_MAX = 512 };

/* A filter for every subject that `target` can make, in `filter`. */
const char *subject_transform_filter(const char *target, char filter[SUBJECT_TRANSFORM_MAX]);

/* The subject that `source` → `target` makes into `subject`, in `before`. False when there is none,
 * or it cannot be told: `target` does not keep all that `source` leaves open. */
bool subject_transform_undo(const char *source, const char *target, const char *subject,
                            char before[SUBJECT_TRANSFORM_MAX]);

#endif
