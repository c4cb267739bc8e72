/* reattempt: a handler's attempt at what a dead job asked for, where `dlq run` has a COMMAND. One
 * serves one letter at a time. */
#ifndef NATSQ_REATTEMPT_H
#define NATSQ_REATTEMPT_H

#include "queue/durable.h"
#include "run/fate.h"
#include "verb.h"

struct reattempt;

int reattempt_open(struct reattempt **opened, struct dlq *dlq, struct error *error);
void reattempt_close(struct reattempt *reattempt);

/* Runs the handler for a letter, which came as `message`; its body is there or, of a letter by
 * reference, in the original. */
enum fate reattempt_run(struct reattempt *reattempt, const struct letter *letter,
                        const struct job *message, const struct job *body,
                        const struct durable_state *durable);

CLEANUP_DEFINE(struct reattempt *, cleanup_reattempt, reattempt_close)

#endif
