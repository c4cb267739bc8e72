/* puller: takes jobs from a durable, never more than there are free slots.
 *
 * Sends CONSUMER.MSG.NEXT itself on a plain subscription (ADR-13) and does not use nats.c's fetch
 * (3.14), which sends one request at a time and cannot be ended by a stop. Any number of threads
 * may take; each releases what it took once it is settled. */
#ifndef NATSQ_PULLER_H
#define NATSQ_PULLER_H

#include "nats/connection.h"
#include "queue/job.h"
#include "queue/puller_options.h"

enum puller_result {
    PULLER_JOB,
    PULLER_IDLE,   /* none within the time */
    PULLER_PAUSED, /* puller_pause was called, and what was delivered before is taken */
    PULLER_ENDED,  /* stopped or at its limit: no more jobs follow */
};

struct puller;

int puller_open(struct puller **opened, struct connection *connection,
                const struct puller_options *options, struct error *error);
void puller_close(struct puller *puller);

/* Takes a job, which the caller owns, waiting up to `ns` for it. After a stop it still returns what
 * was delivered already. A delivery without its body (headers_only) is never returned: the job goes
 * back to the queue, and `restore` looks at the durable. */
enum puller_result puller_take(struct puller *puller, struct job *job, int64_t ns);

/* Requests nothing more until puller_resume, and withdraws what is requested; puller_take then
 * returns what was delivered already. */
void puller_pause(struct puller *puller);
void puller_resume(struct puller *puller);

/* puller_take for one job although the puller is paused. One thread at a time. */
enum puller_result puller_probe(struct puller *puller, struct job *job, int64_t ns);

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
