/* put_back: publishes dead jobs to their subjects again, each once, for fresh attempts. */
#ifndef NATSQ_PUT_BACK_H
#define NATSQ_PUT_BACK_H

#include "letter/letter.h"
#include "nats/connection.h"
#include "nats/puback.h"

struct put_back;

/* `config` is the origin's, kept; a job is published where it says that it gets into the origin
 * under its subject again. NULL: to the letter's subject, whoever stores that. */
int put_back_open(struct put_back **opened, struct connection *connection,
                  const struct json_t *config, struct error *error);
void put_back_close(struct put_back *back);

/* Whether the origin can get a job of this subject from a publisher. */
bool put_back_leads(const struct put_back *back, const struct letter *letter);

/* Sends the job that a letter holds (`from` is the letter), or the job itself with what a letter
 * would say (`from` is the job, `is_letter` false), with one retry more. `outcome` is filled in by
 * put_back_flush at the latest. -1 (78): nothing leads into the origin. */
int put_back_send(struct put_back *back, const struct letter *letter, const struct job *from,
                  bool is_letter, struct puback *outcome, struct error *error);

void put_back_flush(struct put_back *back);

CLEANUP_DEFINE(struct put_back *, cleanup_put_back, put_back_close)

#endif
