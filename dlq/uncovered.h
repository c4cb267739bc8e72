/* uncovered: jobs in the origin that no consumer's filter matches: nobody will ever get them. */
#ifndef NATSQ_UNCOVERED_H
#define NATSQ_UNCOVERED_H

#include "consumers.h"

struct uncovered {
    uint64_t jobs;
    char example[512]; /* the subject of one, cut if longer */
};

/* `info` is the origin's. Costs nothing when the filters cover the stream's subjects, else a look
 * at the list of subjects that hold jobs. */
int uncovered_count(struct uncovered *uncovered, struct exchange *exchange,
                    const jsStreamInfo *info, const struct consumers *consumers,
                    struct error *error);

#endif
