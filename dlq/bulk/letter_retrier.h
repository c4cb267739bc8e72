/* letter_retrier: puts the jobs of held letters back for fresh attempts, edited or as they were,
 * and removes each letter once its job is confirmed. It can be interrupted anywhere and run again.
 */
#ifndef NATSQ_LETTER_RETRIER_H
#define NATSQ_LETTER_RETRIER_H

#include "bulk/action_report.h"
#include "job_edit.h"

struct json_t;
struct letter_retrier;

/* `origin_config`: that of the origin. `edit` is applied to every job. Both are borrowed. -1 also
 * when the stream of letters has the subject of --to (64). */
int letter_retrier_open(struct letter_retrier **opened, struct dlq *dlq,
                        const struct json_t *origin_config, const struct job_edit *edit,
                        struct error *error);
void letter_retrier_close(struct letter_retrier *retrier);

/* How many letters to take in a batch. */
size_t letter_retrier_batch(const struct letter_retrier *retrier);

/* Retries a batch, and reports each letter. -1 ends the verb. */
int letter_retrier_run(struct letter_retrier *retrier, const struct letter_entry *entries, size_t n,
                       struct action_report *report, struct error *error);

CLEANUP_DEFINE(struct letter_retrier *, cleanup_letter_retrier, letter_retrier_close)

#endif
