/* pull_request: a request for jobs (ADR-13), within what the durable allows. Pure. */
#ifndef NATSQ_PULL_REQUEST_H
#define NATSQ_PULL_REQUEST_H

#include <stddef.h>
#include <stdint.h>

enum { PULL_REQUEST_MAX = 160, PULL_SUBJECT_MAX = 1024 };

/* The durable's max_batch and max_expires; 0: no limit. Its max_bytes concerns only requests that
 * count bytes (nats-server 2.15), and our requests do not: a job above it would never be
 * delivered. */
struct pull_limits {
    int64_t batch;   /* jobs */
    int64_t expires; /* ns */
};

/* Writes a request for `n` jobs to `body`, after `prefix` ("+NXT ", or ""). Returns its length. */
int pull_request_write(const struct pull_limits *limits, const char *prefix, size_t n,
                       char body[PULL_REQUEST_MAX]);

/* `n`, or fewer where the limits do not allow that many in one request. */
size_t pull_request_at_most(const struct pull_limits *limits, size_t n);

#endif
