/* inbox: receives the answers to many concurrent requests, each with the token of its request.
 *
 * nats.c has a call for one request and its answer. Many at once cost only one round trip to a
 * distant server. One thread takes the answers. The subscription is asynchronous because NextMsg of
 * nats.c 3.14 drops a "no responders" answer, and with it the token of the request. */
#ifndef NATSQ_INBOX_H
#define NATSQ_INBOX_H

#include "nats/connection.h"

enum { INBOX_REPLY_MAX = 128 };

struct inbox;

int inbox_open(struct inbox **opened, struct connection *connection, struct error *error);
void inbox_close(struct inbox *inbox);

/* The subject of the subscription. */
const char *inbox_subject(const struct inbox *inbox, char subject[INBOX_REPLY_MAX]);

/* The reply subject for a token. */
const char *inbox_reply(const struct inbox *inbox, uint64_t token, char reply[INBOX_REPLY_MAX]);

/* -1 (77): the server denied the subscription, so no answer will arrive. */
int inbox_check_permission(const struct inbox *inbox, struct error *error);

/* Takes the next answer, which the caller owns, and its token. 1: none arrived within `ns` (0: does
 * not wait; an hour at most). 2: a stop was requested while it waited; later calls wait
 * nevertheless. 3: the server denied us something meanwhile (connection_denies). */
int inbox_take(struct inbox *inbox, int64_t ns, natsMsg **answer, uint64_t *token);

/* Whether inbox_take would return an answer immediately. Takes no lock. */
bool inbox_has_answer(const struct inbox *inbox);

/* Returns when inbox_has_answer is true, `fd` (-1: none) is readable, a stop is requested, or after
 * `ns` (an hour at most), and sometimes earlier. */
void inbox_wait(struct inbox *inbox, int fd, int64_t ns);

CLEANUP_DEFINE(struct inbox *, cleanup_inbox, inbox_close)

#endif
