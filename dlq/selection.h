/* selection: the letters that a verb acts on: those that every given selector matches. Pure. */
#ifndef NATSQ_SELECTION_H
#define NATSQ_SELECTION_H

#include "letter/letter.h"

/* `SEQ` or `SEQ-SEQ` in the origin; `_SEQ` in the DLQ stream, for an unreadable letter. */
struct selection_range {
    uint64_t first, last;
    bool unreadable;
};

/* A new selector is a field here, a row in selection.c, which says whether a letter matches, and
 * its option in selection_options.c. Its field is 0 unless it is given. */
struct selection {
    int64_t limit; /* letters at most; 0: no limit */
    size_t n_ranges;
    bool all;
    /* From here on, the selectors. */
    struct selection_range *ranges; /* a letter is in one of them */
    const char *subject;            /* a filter of job subjects */
    const char *consumer;           /* a consumer's name */
    const char *reason, *error;     /* globs */
    int64_t older_than;             /* ns since the death */
};

/* A row of the table of selectors. */
struct selector {
    const char *option;
    size_t field, size; /* in struct selection */
    bool (*matches)(const struct selection *selection, const struct letter *letter, int64_t now);
    const char *(*fault)(const char *text); /* why a text cannot match; NULL: any text may */
};

/* The table, for tests. */
const struct selector *selection_selectors(size_t *n);

bool selection_is_range(const char *argument);

/* Adds a range. -1 (64): the argument is not a range. */
int selection_add(struct selection *selection, const char *argument, struct error *error);

/* -1 (64) when a selector cannot match anything: a malformed subject or name. */
int selection_check(const struct selection *selection, struct error *error);
void selection_close(struct selection *selection);

/* Nothing is selected; a limit alone selects nothing. */
bool selection_is_empty(const struct selection *selection);

/* Every letter is selected, up to the limit. */
bool selection_is_all(const struct selection *selection);

/* The one sequence in the origin that is selected; 0 when there may be several. */
uint64_t selection_only(const struct selection *selection);

/* An unreadable letter has no subject; its `seq` is its sequence in the DLQ stream and `died_at`
 * the time at which it was stored. `now`: ns since 1970. */
bool selection_matches(const struct selection *selection, const struct letter *letter, int64_t now);

#endif
