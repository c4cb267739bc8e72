/* ack: the acknowledgements of a delivery (ADR-15): messages to the job's reply subject, buffered
 * like any other. Only ack_confirmed waits for the server's answer. Any thread. */
#ifndef NATSQ_ACK_H
#define NATSQ_ACK_H

#include "nats/requester.h"
#include "queue/job.h"

/* "+ACK": the job is done, and a work queue removes it. "+WPI": it is in progress, which restarts
 * the time after which it is redelivered. */
natsStatus ack_send(struct connection *connection, const struct job *job, const char *body);

/* Returns the job to the queue: it is redelivered after `delay` ns, at least 1. A nak without a
 * delay from a worker whose attempt ran out would declare the job dead while another worker runs
 * it. The server adds the difference between this attempt's backoff and the first one (2.10
 * to 2.15). */
natsStatus ack_retry(struct connection *connection, const struct job *job, int64_t delay);

/* The acknowledgement `body` ("+ACK", "+TERM reason"; borrowed) as a request, which the server
 * answers. */
struct request ack_request(const struct job *job, const char *body);

/* Sends it and waits. True if the server confirmed it. */
bool ack_confirmed(struct requester *requester, const struct job *job, const char *body);

#endif
