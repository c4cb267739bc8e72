/* letter_census: which errors the letters have most often, in bounded work per look: new letters
 * are read as they come, and all are read again only when some were removed, and seldom. */
#ifndef NATSQ_LETTER_CENSUS_H
#define NATSQ_LETTER_CENSUS_H

#include "streams/queue_look.h"
#include "tables/letter_groups.h"

struct letter_tally {
    struct json_t *groups; /* letter_groups; NULL: none was read */
    uint64_t read;         /* letters in them */
    uint64_t next_seq;     /* where to go on */
};

struct letter_census {
    struct letter_tally whole;   /* all letters, once they were read */
    struct letter_tally recount; /* a pass that has not reached the end */
    int64_t took, ended;         /* of the latest pass: ns of reading; clock_now at its end */
    bool is_unreadable;          /* we may not read letters, or the stream does not allow it */
    /* Dead jobs that only an advisory names; without is_judged, as many as there are advisories. */
    uint64_t announced;
    bool is_judged, cannot_judge;
    int64_t judged;                       /* when (clock_now) */
    uint64_t judged_seq, judged_messages; /* of the DLQ stream then */
};

/* After a look: reads on for at most some `budget` ns. -1: out of memory. */
int letter_census_update(struct letter_census *census, const struct queue_look *look,
                         struct dlq *dlq, int64_t budget, struct error *error);
void letter_census_clear(struct letter_census *census);

/* The tally to show: the whole one, or as far as the first pass has come. */
const struct letter_tally *letter_census_tally(const struct letter_census *census);

#endif
