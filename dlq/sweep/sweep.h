/* sweep: finds jobs in the origin that are dead without a letter (death_proof) and makes the
 * letters, reason `swept`; then it retires as collect does. Two looks with a wait between them;
 * what cannot be proven dead is counted and left alone. Two may sweep at once: a letter is stored
 * once. */
#ifndef NATSQ_SWEEP_H
#define NATSQ_SWEEP_H

#include "letter/letter.h"
#include "sweep/unmatched_jobs.h"

struct dlq;

enum sweep_outcome {
    SWEEP_WOULD,   /* a dry run */
    SWEEP_DONE,    /* its letter is safe, and it is gone from the origin */
    SWEEP_KEPT,    /* its letter is safe, and its body stays in the origin: it does not fit */
    SWEEP_LATER,   /* its letter is safe, and the server has not removed it yet */
    SWEEP_REFUSED, /* the letter could not be stored: `why` */
};

struct swept {
    const struct letter *letter;
    const struct job *job;
    enum sweep_outcome outcome;
    const char *why;
};

/* Who is told. */
struct sweep_listener {
    void (*swept)(void *closure, const struct swept *swept);   /* of each dead job */
    void (*waits)(void *closure, size_t suspects, int64_t ns); /* before the second look */
    void (*looks)(void *closure, size_t suspects);     /* so many found by now; NULL: nobody asks */
    int (*record)(void *closure, struct error *error); /* after each batch; -1: stop. NULL */
    void *closure;
};

struct sweep_counts {
    uint64_t dead;     /* without a letter */
    uint64_t refused;  /* of them */
    uint64_t unproven; /* may be dead; left alone */
    uint64_t skipped;  /* that their consumer, which has no limit, will not deliver again */
    struct unmatched_jobs unmatched;
};

struct sweep;

int sweep_open(struct sweep **opened, struct dlq *dlq, const struct sweep_listener *listener,
               struct error *error);
/* The same, also where the stream takes no letters: then the dead are counted, and that is all. */
int sweep_open_anyway(struct sweep **opened, struct dlq *dlq, const struct sweep_listener *listener,
                      struct error *error);
void sweep_close(struct sweep *sweep);

/* One pass. 1: a stop was requested before its end. */
int sweep_pass(struct sweep *sweep, struct sweep_counts *counts, struct error *error);

/* Says what a pass left alone, and what to do about it. */
void sweep_warn_left_alone(const struct dlq *dlq, const struct sweep_counts *counts);

/* "swept", "refused", …: total. */
const char *sweep_outcome_text(enum sweep_outcome outcome);

CLEANUP_DEFINE(struct sweep *, cleanup_sweep, sweep_close)

#endif
