/* browse: reads the messages of a stream under a filter in their order, without a consumer (direct
 * get with next_by_subj and batch: ADR-31, nats-server 2.11 on). Constant memory; one thread. */
#ifndef NATSQ_BROWSE_H
#define NATSQ_BROWSE_H

#include "nats/connection.h"
#include "queue/job.h"

struct browse;

/* `first`: the sequence of the stream's first message, as far as is known, or 0. To find the first
 * under a filter from there the server looks at every subject (50 ms where there are a million,
 * 2.15); often it is that one. */
int browse_open(struct browse **opened, struct connection *connection, const char *stream,
                const char *filter, uint64_t first, struct error *error);
void browse_close(struct browse *browse);

/* Ends behind sequence `last`: a stream that grows as fast as it is read has no end otherwise. */
void browse_up_to(struct browse *browse, uint64_t last);

/* The next message, which the caller clears; `subject` is where it is stored and lives as long.
 * 0; 1 at the end; -1. */
int browse_next(struct browse *browse, struct job *message, const char **subject,
                struct error *error);

CLEANUP_DEFINE(struct browse *, cleanup_browse, browse_close)

#endif
