/* batch_puller: pulls messages in batches from one of our durables on the DLQ stream, and settles
 * them.
 *
 * A lease keeps a batch from being redelivered until it is settled, no matter how long that takes.
 * Batches grow while the messages are small (batch_size). For one thread, except
 * batch_puller_stop. */
#ifndef NATSQ_BATCH_PULLER_H
#define NATSQ_BATCH_PULLER_H

#include "letters/batch_size.h"
#include "queue/job.h"
#include "streams/dlq_durable.h"

struct dlq;
struct batch_puller;

/* What becomes of a message. */
enum batch_settlement {
    BATCH_ACK,          /* acknowledged; redelivered if the server did not confirm that */
    BATCH_RETURN,       /* redelivered after a moment: it was not for us */
    BATCH_RETRY,        /* redelivered after some seconds */
    BATCH_RETRY_SLOWLY, /* after a minute: trying sooner would not help */
};

/* Creates the durable if it does not exist. `most`: messages in a batch. */
int batch_puller_open(struct batch_puller **opened, struct dlq *dlq, enum dlq_duty duty,
                      size_t most, struct error *error);
void batch_puller_close(struct batch_puller *batches);

/* The durable and its state; both may change with a take, when another origin's durable has taken
 * the name. */
const struct dlq_durable *batch_puller_durable(const struct batch_puller *batches);
const struct durable_state *batch_puller_state(const struct batch_puller *batches);

/* Waits for a message and takes those that arrived with it. 0: stopped. */
size_t batch_puller_take(struct batch_puller *batches, struct job messages[BATCH_MAX]);

/* The same, but at most `most`, and waits up to `ns`. 0: none arrived, or stopped. */
size_t batch_puller_take_within(struct batch_puller *batches, struct job messages[BATCH_MAX],
                                size_t most, int64_t ns);

/* Settles messages of the batch and clears them, which ends the lease on the whole batch.
 * `bytes_read`: how much was read from streams to process them. */
void batch_puller_settle(struct batch_puller *batches, struct job *messages,
                         const enum batch_settlement *settlements, size_t n, size_t bytes_read);

/* Stops, and returns to the queue what was delivered but not taken. */
void batch_puller_return_rest(struct batch_puller *batches);

void batch_puller_stop(struct batch_puller *batches); /* from any thread */

CLEANUP_DEFINE(struct batch_puller *, cleanup_batch_puller, batch_puller_close)

#endif
