/* lease: keeps a batch of messages from being redelivered while its stages wait for a slow server.
 * A thread tells the server in time that each message is still in progress. */
#ifndef NATSQ_LEASE_H
#define NATSQ_LEASE_H

#include "base/cleanup.h"

#include <stddef.h>

struct connection;
struct durable_state;
struct error;
struct job;
struct lease;

int lease_open(struct lease **opened, struct connection *connection, const char *stream,
               struct error *error);
void lease_close(struct lease *lease);

/* Renews the leases of these messages until lease_end. The caller keeps ownership of them. */
void lease_begin(struct lease *lease, const struct job *messages, size_t n,
                 const struct durable_state *durable);

/* No renewal is sent after this returns; call it before a nak, whose delay a renewal would undo. */
void lease_end(struct lease *lease);

CLEANUP_DEFINE(struct lease *, cleanup_lease, lease_close)

#endif
