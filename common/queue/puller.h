/* puller: takes jobs from a durable, never more than there are free slots.
 *
 * Sends CONSUMER.MSG.NEXT itself on a plain subscription (ADR-13) and does not use nats.c's fetch
 * (3.14), which sends one request at a time and cannot be ended by a stop. Any number of threads
 * may take; each releases what it took once it is settled. */
#ifndef NATSQ_PULLER_H
#define NATSQ_PULLER_H

#include "nats/connection.h"
#include "queue/job.h"
#include "queue/pull_request.h"

struct puller_options {
    const char *stream, *consumer; /* borrowed; `restore` may change the text */
    /* Maximum number of jobs that are requested, or taken and not released; 0: one for each waiting
     * thread. */
    size_t batch;
    /* Without a batch: a thread that settles a job always takes another one next, so that the
     * acknowledgement can request it. */
    bool eager;
    uint64_t limit; /* maximum number of jobs taken in all; 0: no limit */
    struct pull_limits limits;
    /* Called when the server no longer knows the consumer, refuses requests, or has been silent:
     * returns 0 once the consumer exists (again), with its limits; 1 when a stop was requested.
     * Called by one thread at a time, without the lock; other threads in puller_take wait for
     * it. */
    int (*restore)(void *closure, struct pull_limits *limits);
    void *closure;
};

enum puller_result {
    PULLER_JOB,
    PULLER_IDLE,  /* none within the time */
    PULLER_ENDED, /* stopped or at its limit: no more jobs follow */
};

struct puller;

int puller_open(struct puller **opened, struct connection *connection,
                const struct puller_options *options, struct error *error);
void puller_close(struct puller *puller);

/* Takes a job, which the caller owns, waiting up to `ns` for it. After a stop it still returns what
 * was delivered already. A delivery without its body (headers_only) is never returned: the job goes
 * back to the queue, and `restore` looks at the durable. */
enum puller_result puller_take(struct puller *puller, struct job *job, int64_t ns);

/* Acknowledges the job; sent now or soon, not confirmed. */
natsStatus puller_acknowledge(struct puller *puller, const struct job *job);

/* The consumer is no longer the right one: `restore` is called, and everything is requested
 * again. */
void puller_renew(struct puller *puller);

/* Call it when a job that was taken is settled: there is room for another. */
void puller_release(struct puller *puller);

/* Whether a job was taken and is not settled yet. */
bool puller_holds_jobs(struct puller *puller);

/* Changes `batch`, above 0, for the requests from now on. */
void puller_resize(struct puller *puller, size_t batch);

/* Changes the limits of the requests from now on. */
void puller_adapt(struct puller *puller, const struct pull_limits *limits);

/* Requests nothing more and wakes the threads that wait. From any thread. */
void puller_stop(struct puller *puller);

CLEANUP_DEFINE(struct puller *, cleanup_puller, puller_close)

#endif
