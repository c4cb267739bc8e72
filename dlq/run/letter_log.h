/* letter_log: the lines of `dlq run` about the letters that it decides, each logged once for a
 * letter, no matter how often it is redelivered. */
#ifndef NATSQ_LETTER_LOG_H
#define NATSQ_LETTER_LOG_H

#include "letter/letter_fields.h"

struct dlq;

/* `reprocessing order BODY`: the job is put back, or a COMMAND runs for it. `body` has the job's
 * body. */
void letter_log_reprocessing(const struct dlq *dlq, const struct letter *letter,
                             const struct job *body);

void letter_log_holding(const struct dlq *dlq, const struct letter *letter);

/* Whether message `seq` of the DLQ stream is delivered to us for the first time. New messages
 * arrive in the order of their sequences, and a redelivered one is out of that order; `last` is the
 * last new one, 0 at first. */
bool letter_log_is_new(uint64_t *last, uint64_t seq);

#endif
