/* scan: one look at the origin for jobs that seem dead (suspect). Constant memory; one thread. */
#ifndef NATSQ_SCAN_H
#define NATSQ_SCAN_H

#include "streams/consumers.h"
#include "sweep/death_proof.h"
#include "verb.h"

/* A job that is dead as far as one look can tell. */
struct find {
    const struct consumer *consumer;
    uint64_t seq;
    int64_t stored_at;
};

/* What cannot be proven dead and is left alone, of the consumers that were looked through. */
struct doubt {
    uint64_t unproven; /* delivered, neither done nor waiting for another attempt; at least so many,
                          some may be dead */
    uint64_t skipped;  /* settled by a consumer without a limit of attempts: not delivered again */
};

struct scan;

/* `consumers` were asked before, and are kept. */
int scan_open(struct scan **opened, struct dlq *dlq, const struct consumers *consumers,
              struct error *error);
void scan_close(struct scan *scan);

/* The next find. 0; 1 at the end, or when a stop was requested; -1. */
int scan_next(struct scan *scan, struct find *find, struct error *error);

const struct doubt *scan_doubt(const struct scan *scan);

CLEANUP_DEFINE(struct scan *, cleanup_scan, scan_close)

#endif
