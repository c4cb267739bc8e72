/* subject: NATS subjects and names, checked before they are sent (nats.c does not check them). */
#ifndef NATSQ_SUBJECT_H
#define NATSQ_SUBJECT_H

#include <stdbool.h>

/* A subject to publish to: UTF-8, tokens parted by dots, none empty, no blanks or controls, no
 * `*` or `>` token. Returns NULL when it is one, else what is wrong with it ("has an empty token").
 */
const char *subject_fault(const char *subject);

/* The same for a filter, in which `*` and a closing `>` are allowed. */
const char *subject_filter_fault(const char *filter);

/* The same for the name of a stream or consumer: no dots, blanks, slashes or wildcards (ADR-6). */
const char *subject_name_fault(const char *name);

/* Whether a `*` or `>` stands beside other characters in a token, where it is no wildcard, and what
 * to say of it where the user must have meant one. */
#define SUBJECT_INNER_WILDCARD                                                                     \
    "has a '*' or '>' beside other characters: it is a wildcard only as a whole token, as in "     \
    "'orders.*' or 'orders.>'"
bool subject_has_inner_wildcard(const char *filter);

/* Whether some subject matches both filters. */
bool subject_overlap(const char *filter, const char *other);

/* Whether every subject that `inner` matches is matched by `outer`. */
bool subject_covers(const char *outer, const char *inner);

#endif
