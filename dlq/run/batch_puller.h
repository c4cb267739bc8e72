/* batch_puller: batches of messages from one of our durables on the DLQ stream, and their settling.
 * Used by one thread, but for batch_puller_stop. A batch stays ours, however long it takes, until
 * the first of it is settled or given back. Batches grow while the messages are small. */
#ifndef NATSQ_BATCH_PULLER_H
#define NATSQ_BATCH_PULLER_H

#include "letters/batch_size.h"
#include "nats/requester.h"
#include "queue/job.h"
#include "streams/dlq_durable.h"

struct dlq;
struct batch_puller;

/* Makes our durable if it is not there. `batch`: messages at once, at most. */
int batch_puller_open(struct batch_puller **opened, struct dlq *dlq, enum dlq_duty duty,
                      size_t batch, struct error *error);

/* The durable as it is there: its state, its name and its filter, whose messages alone are taken.
 * The name may be another after each take. */
const struct durable_state *batch_puller_durable(const struct batch_puller *batches);
const char *batch_puller_name(const struct batch_puller *batches);
const char *batch_puller_filter(const struct batch_puller *batches);
void batch_puller_close(struct batch_puller *batches);

/* Waits for a message and takes what comes with it, up to the batch. 0: the end. */
size_t batch_puller_take(struct batch_puller *batches, struct job messages[BATCH_MAX]);

/* The same, at most `most` and waiting up to `ns`: 0 also when there was none. */
size_t batch_puller_take_within(struct batch_puller *batches, struct job messages[BATCH_MAX],
                                size_t most, int64_t ns);

/* Settled: acknowledged, and the server confirmed; one that it did not confirm comes again. */
void batch_puller_settle(struct batch_puller *batches, const struct job *const *messages, size_t n);

/* Not yet: it comes again after `delay` ns or a little more. */
void batch_puller_later(struct batch_puller *batches, const struct job *message, int64_t delay);

/* Ends the taking; returns, after `delay` ns, what was delivered meanwhile. */
void batch_puller_give_back(struct batch_puller *batches, int64_t delay);

/* Ends the batch: its messages are released. `beside`: bytes that were read for them. */
void batch_puller_done(struct batch_puller *batches, struct job *messages, size_t n, size_t beside);

void batch_puller_stop(struct batch_puller *batches); /* from any thread */

CLEANUP_DEFINE(struct batch_puller *, cleanup_batch_puller, batch_puller_close)

#endif
