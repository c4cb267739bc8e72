/* sweep: finds jobs in the origin that died without a letter (death_proof), stores their letters
 * (reason `swept`) and retires them, as the collector does. It takes two looks with a wait between
 * them; what cannot be proven dead is counted and left alone. Several sweeps may run concurrently,
 * since a letter is stored once. */
#ifndef NATSQ_SWEEP_H
#define NATSQ_SWEEP_H

#include "base/cleanup.h"
#include "sweep/origin_scan.h"
#include "sweep/unmatched_jobs.h"

struct dlq;
struct job;
struct letter;

enum sweep_outcome {
    SWEEP_WOULD,   /* not done: a dry run, or the DLQ stream stores no letters */
    SWEEP_DONE,    /* its letter is stored, and it is gone from the origin */
    SWEEP_KEPT,    /* its letter is stored by reference: the body stays in the origin */
    SWEEP_LATER,   /* its letter is stored; the server has not removed it from the origin yet */
    SWEEP_REFUSED, /* the letter could not be stored: `why` */
};

struct swept {
    const struct letter *letter;
    const struct job *job;
    enum sweep_outcome outcome;
    const char *why;
};

struct sweep_callbacks {
    void (*on_swept)(void *closure, const struct swept *swept);  /* called for each dead job */
    void (*on_wait)(void *closure, size_t suspects, int64_t ns); /* before the second look */
    void (*on_suspect)(void *closure, size_t suspects);          /* how many so far; may be NULL */
    /* After each batch; -1 ends the sweep. May be NULL. */
    int (*on_batch)(void *closure, struct error *error);
    void *closure;
};

struct sweep_counts {
    uint64_t dead;    /* jobs without a letter */
    uint64_t refused; /* those of them whose letter could not be stored */
    struct left_alone left_alone;
    struct unmatched_jobs unmatched;
};

struct sweep;

int sweep_open(struct sweep **opened, struct dlq *dlq, const struct sweep_callbacks *callbacks,
               struct error *error);
void sweep_close(struct sweep *sweep);

/* Sweeps once. 1: a stop was requested before the end. */
int sweep_pass(struct sweep *sweep, struct sweep_counts *counts, struct error *error);

/* Logs what a pass left alone, and what to do about it. */
void sweep_warn_left_alone(const struct dlq *dlq, const struct sweep_counts *counts);

/* "swept", "refused", …: total. */
const char *sweep_outcome_text(enum sweep_outcome outcome);

CLEANUP_DEFINE(struct sweep *, cleanup_sweep, sweep_close)

#endif
