/* intake: batches of messages from one of our durables on the DLQ stream, and their settling. Used
 * by one thread, but for intake_stop. A batch stays ours, however long it takes, until the first of
 * it is settled or given back. Batches grow while the messages are small. */
#ifndef NATSQ_INTAKE_H
#define NATSQ_INTAKE_H

#include "letters/batch_size.h"
#include "nats/requester.h"
#include "queue/job.h"
#include "streams/dlq_durable.h"
#include "verb.h"

struct intake;

/* Makes our durable if it is not there. `batch`: messages at once, at most. */
int intake_open(struct intake **opened, struct dlq *dlq, enum dlq_duty duty, size_t batch,
                struct error *error);

/* The durable as it is there: its state, its name and its filter, whose messages alone are taken.
 * The name may be another after each take. */
const struct durable_state *intake_durable(const struct intake *intake);
const char *intake_name(const struct intake *intake);
const char *intake_filter(const struct intake *intake);
void intake_close(struct intake *intake);

/* Waits for a message and takes what comes with it, up to the batch. 0: the end. */
size_t intake_take(struct intake *intake, struct job messages[PORTION_MAX]);

/* The same, at most `most` and waiting up to `ns`: 0 also when there was none. */
size_t intake_take_within(struct intake *intake, struct job messages[PORTION_MAX], size_t most,
                          int64_t ns);

/* Settled: acknowledged, and the server confirmed; one that it did not confirm comes again. */
void intake_settle(struct intake *intake, const struct job *const *messages, size_t n);

/* Not yet: it comes again after `delay` ns or a little more. */
void intake_later(struct intake *intake, const struct job *message, int64_t delay);

/* Ends the taking; returns, after `delay` ns, what was delivered meanwhile. */
void intake_give_back(struct intake *intake, int64_t delay);

/* Ends the batch: its messages are released. `beside`: bytes that were read for them. */
void intake_done(struct intake *intake, struct job *messages, size_t n, size_t beside);

void intake_stop(struct intake *intake); /* from any thread */

CLEANUP_DEFINE(struct intake *, cleanup_intake, intake_close)

#endif
