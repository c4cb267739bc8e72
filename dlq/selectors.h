/* selectors: the table of what selects letters: whether a letter matches. Pure. A new one is a
 * field in struct selection, a row here, and its option in selection_options.c. */
#ifndef NATSQ_SELECTORS_H
#define NATSQ_SELECTORS_H

#include "cli/option_row.h"
#include "letter/letter.h"
#include "letter_state.h"

/* `SEQ` or `SEQ-SEQ` in the origin; `_SEQ` in the DLQ stream, for an unreadable letter. */
struct selection_range {
    uint64_t first, last;
    bool unreadable;
};

/* A field is 0 unless it is given. */
struct selection {
    int64_t limit; /* letters at most; 0: no limit */
    size_t n_ranges;
    bool all;
    /* From here on, the selectors. */
    struct selection_range *ranges; /* a letter is in one of them */
    const char *subject;            /* a filter of job subjects */
    const char *consumer;           /* a consumer's name */
    const char *reason, *error;     /* globs */
    const char *job_id, *body;      /* globs */
    struct option_texts headers;    /* "NAME: GLOB" */
    const char *state;              /* "waiting,held" */
    int64_t older_than, newer_than; /* ns since the death */
};

/* What the selectors look at. */
struct selectable {
    const struct letter *letter;
    enum letter_state state;
    const struct job *message; /* its headers */
    const struct job *body;    /* the message, or the original of a letter by reference */
};

/* A row of the table. */
struct selector {
    const char *option;
    size_t field, size; /* in struct selection */
    bool (*matches)(const struct selection *selection, const struct selectable *item, int64_t now);
    const char *(*fault)(const char *text); /* why a text cannot match; NULL: any text may */
};

extern const struct selector selectors[];
extern const size_t selectors_n;

bool selector_in_range(const struct selection_range *range, const struct letter *letter);

#endif
