/* batch_source: batches of messages from one of our durables on the DLQ stream, and their settling.
 * Used by one thread, but for batch_source_stop. A batch stays ours, however long it takes, until
 * the first of it is settled or given back. Batches grow while the messages are small. */
#ifndef NATSQ_BATCH_SOURCE_H
#define NATSQ_BATCH_SOURCE_H

#include "letters/batch_size.h"
#include "nats/requester.h"
#include "queue/job.h"
#include "streams/dlq_durable.h"
#include "verb.h"

struct batch_source;

/* Makes our durable if it is not there. `batch`: messages at once, at most. */
int batch_source_open(struct batch_source **opened, struct dlq *dlq, enum dlq_duty duty,
                      size_t batch, struct error *error);

/* The durable as it is there: its state, its name and its filter, whose messages alone are taken.
 * The name may be another after each take. */
const struct durable_state *batch_source_durable(const struct batch_source *source);
const char *batch_source_name(const struct batch_source *source);
const char *batch_source_filter(const struct batch_source *source);
void batch_source_close(struct batch_source *source);

/* Waits for a message and takes what comes with it, up to the batch. 0: the end. */
size_t batch_source_take(struct batch_source *source, struct job messages[BATCH_MAX]);

/* The same, at most `most` and waiting up to `ns`: 0 also when there was none. */
size_t batch_source_take_within(struct batch_source *source, struct job messages[BATCH_MAX],
                                size_t most, int64_t ns);

/* Settled: acknowledged, and the server confirmed; one that it did not confirm comes again. */
void batch_source_settle(struct batch_source *source, const struct job *const *messages, size_t n);

/* Not yet: it comes again after `delay` ns or a little more. */
void batch_source_later(struct batch_source *source, const struct job *message, int64_t delay);

/* Ends the taking; returns, after `delay` ns, what was delivered meanwhile. */
void batch_source_give_back(struct batch_source *source, int64_t delay);

/* Ends the batch: its messages are released. `beside`: bytes that were read for them. */
void batch_source_done(struct batch_source *source, struct job *messages, size_t n, size_t beside);

void batch_source_stop(struct batch_source *source); /* from any thread */

CLEANUP_DEFINE(struct batch_source *, cleanup_batch_source, batch_source_close)

#endif
