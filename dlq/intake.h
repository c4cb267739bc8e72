/* intake: batches of messages from one of our durables on the DLQ stream, and their settling. Used
 * by one thread, but for intake_stop. */
#ifndef NATSQ_INTAKE_H
#define NATSQ_INTAKE_H

#include "exchange.h"
#include "job.h"
#include "verb.h"

enum { INTAKE_BATCH = 128 };

struct intake;

/* Makes the durable `name` for `filter` if it is not there. */
int intake_open(struct intake **opened, struct dlq *dlq, const char *name, const char *filter,
                struct error *error);
void intake_close(struct intake *intake);

/* Waits for a message and takes what comes with it, up to INTAKE_BATCH. 0: the end. */
size_t intake_take(struct intake *intake, struct job messages[INTAKE_BATCH]);

/* Settled: acknowledged, and the server confirmed; one that it did not confirm comes again. */
void intake_settle(struct intake *intake, const struct job *const *messages, size_t n);

/* Not yet: it comes again after `delay` ns or a little more. */
void intake_later(struct intake *intake, const struct job *message, int64_t delay);

/* Ends the batch: its messages are released. */
void intake_done(struct intake *intake, struct job *messages, size_t n);

void intake_stop(struct intake *intake); /* from any thread */

CLEANUP_DEFINE(struct intake *, cleanup_intake, intake_close)

#endif
