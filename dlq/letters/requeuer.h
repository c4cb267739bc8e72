/* requeuer: puts dead jobs back: publishes them to their subjects for fresh attempts, each once. */
#ifndef NATSQ_REQUEUER_H
#define NATSQ_REQUEUER_H

#include "job_edit.h"
#include "letter/letter.h"
#include "nats/connection.h"
#include "nats/puback.h"

struct requeuer;

/* `config` is that of the origin, and is kept. It determines the subject to which a job must be
 * published so that the origin stores it under the job's own subject again. NULL: jobs are
 * published to the letter's subject, whichever stream stores it. */
int requeuer_open(struct requeuer **opened, struct connection *connection,
                  const struct json_t *config, struct error *error);
void requeuer_close(struct requeuer *requeuer);

/* Whether a publisher can get a job into the origin under the letter's subject. */
bool requeuer_can_reach(const struct requeuer *requeuer, const struct letter *letter);

/* Puts the job back, with its number of retries one higher. `from` is the letter that holds it or,
 * when `is_letter` is false, the job itself, with `letter` for the headers. `edit` (NULL: none) is
 * applied to it. `outcome` is filled in by requeuer_flush at the latest. -1 (78): no publisher can
 * get the job into the origin. */
int requeuer_send(struct requeuer *requeuer, const struct letter *letter, const struct job *from,
                  bool is_letter, const struct job_edit *edit, struct puback *outcome,
                  struct error *error);

/* The headers, but for the message id, that the job gets when it is put back as it is; for
 * job_clear. The parameters are those of requeuer_send. */
int requeuer_headers(const struct letter *letter, const struct job *from, bool is_letter,
                     struct job *headers, struct error *error);

void requeuer_flush(struct requeuer *requeuer);

CLEANUP_DEFINE(struct requeuer *, cleanup_requeuer, requeuer_close)

#endif
