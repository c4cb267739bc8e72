/* ack: what a worker tells the server about a delivery (ADR-15). Each is a message to the job's
 * reply subject, buffered like any other, from any thread; only ack_confirmed waits for the
 * server's word. */
#ifndef NATSQ_ACK_H
#define NATSQ_ACK_H

#include "nats/requester.h"
#include "queue/job.h"

/* Done: a work queue removes the job. */
natsStatus ack_done(struct connection *connection, const struct job *job);

/* Again, after `delay` ns, which must be above 0: a nak without a delay by a worker that was
 * overtaken would declare the job dead while another runs it. The server adds to the delay what
 * this attempt's backoff has over the first one (2.10 to 2.15). */
natsStatus ack_retry(struct connection *connection, const struct job *job, int64_t delay);

/* Still at it: the time until the next attempt starts anew. */
natsStatus ack_progress(struct connection *connection, const struct job *job);

/* What says it as a request, so that the server's word comes back. `what` ("+ACK", "+TERM why") is
 * the caller's. */
struct request ack_request(const struct job *job, const char *what);

/* Says it and waits: whether the server confirmed. */
bool ack_confirmed(struct requester *requester, struct connection *connection,
                   const struct job *job, const char *what);

#endif
