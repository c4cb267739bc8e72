/* origin_scan: one look at the origin for jobs that seem dead (death_proof). Constant memory; one
 * thread. */
#ifndef NATSQ_ORIGIN_SCAN_H
#define NATSQ_ORIGIN_SCAN_H

#include "streams/consumer_list.h"
#include "sweep/death_proof.h"

struct dlq;

/* A job that is dead as far as one look can tell. */
struct suspect {
    const struct consumer *consumer;
    uint64_t seq;
    int64_t stored_at;
};

/* What cannot be proven dead and is left alone, of the consumers that were looked through. */
struct origin_scan_counts {
    uint64_t unproven; /* delivered, neither done nor waiting for another attempt; at least so many,
                          some may be dead */
    uint64_t skipped;  /* settled by a consumer without a limit of attempts: not delivered again */
};

struct origin_scan;

/* `consumers` were asked before, and are kept. */
int origin_scan_open(struct origin_scan **opened, struct dlq *dlq,
                     const struct consumer_list *consumers, struct error *error);
void origin_scan_close(struct origin_scan *scan);

/* The next find. 0; 1 at the end, or when a stop was requested; -1. */
int origin_scan_next(struct origin_scan *scan, struct suspect *find, struct error *error);

const struct origin_scan_counts *origin_scan_counts(const struct origin_scan *scan);

CLEANUP_DEFINE(struct origin_scan *, cleanup_origin_scan, origin_scan_close)

#endif
