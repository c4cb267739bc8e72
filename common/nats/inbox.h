/* inbox: where the answers to many requests come back, each with the token it was sent under.
 *
 * nats.c has a call for one request and its answer; this is for many under way at once, so that a
 * distant server costs one round trip a batch. Its callback only hands over; one thread reads. An
 * asynchronous subscription, because nats.c 3.14's NextMsg swallows a "no responders" answer
 * together with the token that says which request it was for. */
#ifndef NATSQ_INBOX_H
#define NATSQ_INBOX_H

#include "nats/connection.h"

enum { INBOX_REPLY_MAX = 128 };

struct inbox;

int inbox_open(struct inbox **opened, struct connection *connection, struct error *error);
void inbox_close(struct inbox *inbox);

/* The subject that it subscribes to. */
const char *inbox_subject(const struct inbox *inbox, char subject[INBOX_REPLY_MAX]);

/* The reply subject for a token. */
const char *inbox_reply(const struct inbox *inbox, uint64_t token, char reply[INBOX_REPLY_MAX]);

/* -1 (77): the server refused the subscription, so no answer will come. */
int inbox_check_permission(const struct inbox *inbox, struct error *error);

/* Takes the next answer, which the caller owns, and its token. 0: here it is. 1: none within `ns`
 * (0: does not wait; an hour at most). 2: a stop was requested while it waited; later calls wait in
 * spite of it. 3: the server refused us something meanwhile (connection_denies). */
int inbox_take(struct inbox *inbox, int64_t ns, natsMsg **answer, uint64_t *token);

/* Whether inbox_take would return at once with an answer; takes no lock. */
bool inbox_has_answer(const struct inbox *inbox);

/* Returns when inbox_has_answer is true, `fd` (-1: none) is readable, a stop is requested, or after
 * `ns` (an hour at most), and now and then before. */
void inbox_wait(struct inbox *inbox, int fd, int64_t ns);

CLEANUP_DEFINE(struct inbox *, cleanup_inbox, inbox_close)

#endif
