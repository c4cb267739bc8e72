/* put_back: publishes dead jobs to their subjects again, each once, for fresh attempts. */
#ifndef NATSQ_REQUEUER_H
#define NATSQ_REQUEUER_H

#include "letter/letter.h"
#include "nats/connection.h"
#include "nats/puback.h"

struct requeuer;

/* `config` is the origin's, kept; a job is published where it says that it gets into the origin
 * under its subject again. NULL: to the letter's subject, whoever stores that. */
int requeuer_open(struct requeuer **opened, struct connection *connection,
                  const struct json_t *config, struct error *error);
void requeuer_close(struct requeuer *requeuer);

/* Whether the origin can get a job of this subject from a publisher. */
bool requeuer_can_reach(const struct requeuer *requeuer, const struct letter *letter);

/* Sends the job that a letter holds (`from` is the letter), or the job itself with what a letter
 * would say (`from` is the job, `is_letter` false), with one retry more. `outcome` is filled in by
 * requeuer_flush at the latest. -1 (78): nothing leads into the origin. */
int requeuer_send(struct requeuer *requeuer, const struct letter *letter, const struct job *from,
                  bool is_letter, struct puback *outcome, struct error *error);

void requeuer_flush(struct requeuer *requeuer);

CLEANUP_DEFINE(struct requeuer *, cleanup_requeuer, requeuer_close)

#endif
