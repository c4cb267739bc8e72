/* put_back: publishes dead jobs to their subjects again, each once, for fresh attempts. */
#ifndef NATSQ_PUT_BACK_H
#define NATSQ_PUT_BACK_H

#include "connection.h"
#include "letter.h"
#include "puback.h"

struct put_back;

int put_back_open(struct put_back **opened, struct connection *connection, struct error *error);
void put_back_close(struct put_back *back);

/* Sends the job that a letter holds (`from` is the letter), or the job itself with what a letter
 * would say (`from` is the job, `is_letter` false), with one retry more. `outcome` is filled in by
 * put_back_flush at the latest. */
int put_back_send(struct put_back *back, const struct letter *letter, const struct job *from,
                  bool is_letter, struct puback *outcome, struct error *error);

void put_back_flush(struct put_back *back);

CLEANUP_DEFINE(struct put_back *, cleanup_put_back, put_back_close)

#endif
