/* uncovered: jobs in the origin that no consumer's filter matches: nobody will ever get them. */
#ifndef NATSQ_UNCOVERED_H
#define NATSQ_UNCOVERED_H

#include "streams/consumers.h"

struct uncovered {
    uint64_t jobs;
    char example[512]; /* the subject of one, cut if longer */
};

/* `filters` is a list of all that the stream may store (stored_subjects.h). Costs nothing when the
 * consumers cover it, else a look at the list of subjects that hold jobs. */
int uncovered_count(struct uncovered *uncovered, struct requester *requester, const char *stream,
                    const struct json_t *filters, const struct consumers *consumers,
                    struct error *error);

#endif
