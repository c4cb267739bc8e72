/* subject: checks NATS subjects and names before they are sent, which nats.c does not do. */
#ifndef NATSQ_SUBJECT_H
#define NATSQ_SUBJECT_H

#include <stdbool.h>

/* NULL for a valid subject to publish to, else what is wrong with it ("has an empty token"). It is
 * UTF-8, its tokens are separated by dots and not empty, and it has no blanks, control characters
 * or wildcards. */
const char *subject_fault(const char *subject);

/* The same for a filter, in which `*` and a final `>` are allowed. */
const char *subject_filter_fault(const char *filter);

/* The same for a name of a stream or consumer: no dots, blanks, slashes or wildcards (ADR-6). */
const char *subject_name_fault(const char *name);

/* Whether a token has a `*` or `>` next to other characters, where it is not a wildcard, and the
 * message for a user who probably meant one. */
#define SUBJECT_INNER_WILDCARD                                                                     \
    "has a '*' or '>' next to other characters: it is a wildcard only as a whole token, as in "    \
    "'orders.*' or 'orders.>'"
bool subject_has_inner_wildcard(const char *filter);

/* Whether some subject matches both filters. */
bool subject_overlap(const char *filter, const char *other);

/* Whether `outer` matches every subject that `inner` matches. */
bool subject_covers(const char *outer, const char *inner);

#endif
