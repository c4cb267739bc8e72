/* letter_attempt: runs the handler for a dead letter, where `dlq run` has a COMMAND. */
#ifndef NATSQ_LETTER_ATTEMPT_H
#define NATSQ_LETTER_ATTEMPT_H

#include "run/fate.h"

struct dlq;
struct durable_state;
struct handler;
struct verdict;

/* `message` is the letter as delivered; it holds the body or, for a letter by reference, the
 * original does. Fills in `verdict`. */
enum fate letter_attempt_run(const struct dlq *dlq, struct handler *handler,
                             const struct letter *letter, const struct job *message,
                             const struct job *body, const struct durable_state *durable,
                             struct verdict *verdict);

#endif
