/* subject_transform: a stream's mapping of subjects (ADR-36): which subjects it makes, and what a
 * subject was before. Pure. */
#ifndef NATSQ_SUBJECT_TRANSFORM_H
#define NATSQ_SUBJECT_TRANSFORM_H

#include <stdbool.h>

enum { SUBJECT_TRANSFORM_MAX = 512 };

/* A filter that covers every subject that `target` can make; returns `filter`. */
const char *subject_transform_filter(const char *target, char filter[SUBJECT_TRANSFORM_MAX]);

/* The subject that `source` → `target` maps to `subject`, in `before`. False when there is none, or
 * when it is lost: `target` does not keep every wildcard of `source`. */
bool subject_transform_undo(const char *source, const char *target, const char *subject,
                            char before[SUBJECT_TRANSFORM_MAX]);

#endif
