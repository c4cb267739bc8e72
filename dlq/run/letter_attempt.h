/* letter_attempt: a handler's attempt at what a dead job asked for, where `dlq run` has a COMMAND.
 * One serves one letter at a time. */
#ifndef NATSQ_LETTER_ATTEMPT_H
#define NATSQ_LETTER_ATTEMPT_H

#include "queue/durable.h"
#include "run/fate.h"

struct dlq;
struct letter_attempt;

int letter_attempt_open(struct letter_attempt **opened, struct dlq *dlq, struct error *error);
void letter_attempt_close(struct letter_attempt *letter_attempt);

/* Runs the handler for a letter, which came as `message`; its body is there or, of a letter by
 * reference, in the original. */
enum fate letter_attempt_run(struct letter_attempt *letter_attempt, const struct letter *letter,
                             const struct job *message, const struct job *body,
                             const struct durable_state *durable);

CLEANUP_DEFINE(struct letter_attempt *, cleanup_letter_attempt, letter_attempt_close)

#endif
