/* letter_lookup: asks the leader of the DLQ stream whether it holds letters about jobs. */
#ifndef NATSQ_LETTER_LOOKUP_H
#define NATSQ_LETTER_LOOKUP_H

#include "letter/letter.h"
#include "letter_state.h"
#include "nats/requester.h"

enum letter_found {
    LETTER_UNKNOWN, /* no answer */
    LETTER_NONE,
    LETTER_BY_VALUE,
    LETTER_BY_REFERENCE, /* the body must stay in the origin */
};

/* Looks for a waiting or held letter with the identity (origin, consumer, sequence and time) of
 * each of these. A NULL letter is not looked up; its result is UNKNOWN. */
int letters_look_up(struct requester *requester, const char *stream,
                    const struct letter *const *letters, size_t n, enum letter_found *found,
                    struct error *error);

/* The same in these states alone, 1 << LETTER_WAITING | …, where the others have no letters. */
int letters_look_up_in(unsigned states, struct requester *requester, const char *stream,
                       const struct letter *const *letters, size_t n, enum letter_found *found,
                       struct error *error);

/* The states in which the stream has any letter about the origin: 1 << LETTER_WAITING | …; one that
 * is not known counts. */
int letters_find_states(struct requester *requester, const char *stream, const char *origin,
                        unsigned *states, struct error *error);

#endif
