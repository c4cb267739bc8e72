/* selection: which letters a verb is about. Pure. */
#ifndef NATSQ_SELECTION_H
#define NATSQ_SELECTION_H

#include "letter/letter.h"

/* `SEQ` or `SEQ-SEQ` of the origin; `_SEQ`: of the DLQ stream, for a letter that cannot be read. */
struct selection_range {
    uint64_t first, last;
    bool unreadable;
};

struct selection {
    struct selection_range *ranges; /* any of them; NULL: any sequence */
    size_t n_ranges;
    const char *subject;        /* a filter */
    const char *consumer;       /* a name */
    const char *reason, *error; /* globs, over Natsq-Reason and Natsq-Error */
    int64_t older_than;         /* ns since the death */
    int64_t limit;              /* letters at most; 0: all */
    bool all;
};

/* The bytes of a word are a sequence or a range of them. */
bool selection_is_range(const char *word);

/* Takes a word in. -1 (64): it is no range. */
int selection_add(struct selection *selection, const char *word, struct error *error);

/* Whether the texts are such as can match. -1 (64). */
int selection_check(const struct selection *selection, struct error *error);
void selection_close(struct selection *selection);

/* Nobody said which; a limit says only how many. */
bool selection_is_empty(const struct selection *selection);

/* Every letter, up to the limit. */
bool selection_is_all(const struct selection *selection);

/* The one sequence in the origin that is asked for; 0 when it may be several. */
uint64_t selection_only(const struct selection *selection);

/* `letter` is one that could not be read when it has no subject: then `seq` is the DLQ stream's and
 * `died_at` when it was stored. `now`: ns since 1970. */
bool selection_matches(const struct selection *selection, const struct letter *letter, int64_t now);

#endif
