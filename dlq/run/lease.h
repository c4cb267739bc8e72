/* lease: keeps a batch of messages ours while its stages wait for a slow server: a thread gives a
 * sign of life for each in time, so that nobody else is given them meanwhile. */
#ifndef NATSQ_LEASE_H
#define NATSQ_LEASE_H

#include "handler/attempt.h"
#include "letters/batch_size.h"

struct lease;

int lease_open(struct lease **opened, struct connection *connection, const char *stream,
               struct error *error);
void lease_close(struct lease *lease);

/* From here on, until lease_end; the messages stay the caller's. */
void lease_begin(struct lease *lease, const struct job *messages, size_t n,
                 const struct durable_state *durable);

/* Nothing is said about them any more: a sign of life after a nak would undo its delay. */
void lease_end(struct lease *lease);

CLEANUP_DEFINE(struct lease *, cleanup_lease, lease_close)

#endif
