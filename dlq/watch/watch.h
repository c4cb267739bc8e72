/* watch: what is known of a queue after several looks: the latest look, the pace and its history,
 * the letters by error, and since when the server has not answered. */
#ifndef NATSQ_WATCH_H
#define NATSQ_WATCH_H

#include "streams/queue_look.h"
#include "watch/letter_census.h"
#include "watch/queue_pace.h"
#include "watch/sparkline.h"

struct watch {
    struct dlq *dlq;
    int64_t every;          /* ns between two looks */
    struct queue_look look; /* the latest that succeeded; `at` 0: there is none yet */
    struct queue_pace pace; /* since the look before it */
    struct sparkline published, done, dead;
    struct letter_census census;
    int64_t answered;  /* when the server last answered (clock_now) */
    char trouble[256]; /* why the latest look failed; empty: it did not */
};

void watch_begin(struct watch *watch, struct dlq *dlq, int64_t every);
void watch_end(struct watch *watch);

/* Takes a look. A server that does not answer is no error, but `trouble`. -1 (77): we may not look
 * at the streams. */
int watch_take(struct watch *watch, struct error *error);

/* For how long the server has not answered, in ns; 0: it did. */
int64_t watch_silence(const struct watch *watch);

/* When the death of the oldest letter was, as far as the first of each state tells; 0: there is
 * none. Pure. */
int64_t watch_oldest_letter(const struct watch *watch);

#endif
