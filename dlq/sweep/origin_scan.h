/* origin_scan: one look at the origin for jobs that seem dead (death_proof). Constant memory; for
 * one thread. */
#ifndef NATSQ_ORIGIN_SCAN_H
#define NATSQ_ORIGIN_SCAN_H

#include <stddef.h>
#include <stdint.h>

struct consumer;
struct consumer_list;
struct dlq;
struct error;
struct stream_reader;

/* A job that is dead as far as one look can tell. */
struct suspect {
    const struct consumer *consumer;
    uint64_t seq;
    int64_t stored_at;
};

/* Jobs that cannot be proven dead and are left alone. */
struct left_alone {
    uint64_t unproven; /* neither finished nor pending; a lower bound */
    uint64_t skipped;  /* finished by a consumer without a limit of attempts: not delivered again */
};

/* Starts with `dlq` and `consumers` alone; these must have been looked up before, and outlive the
 * scan. The other fields are private, except `left_alone`, which counts for the consumers scanned
 * so far. */
struct origin_scan {
    const struct dlq *dlq;
    const struct consumer_list *consumers;
    size_t consumer, filter;      /* position */
    struct stream_reader *reader; /* reads the jobs of that filter; NULL: not opened yet */
    uint64_t unproven; /* unproven jobs of this consumer, including those that wait for another
                          attempt */
    struct left_alone left_alone;
};

void origin_scan_end(struct origin_scan *scan);

/* The next suspect. 0; 1 at the end, or when a stop was requested; -1. */
int origin_scan_next(struct origin_scan *scan, struct suspect *suspect, struct error *error);

#endif
