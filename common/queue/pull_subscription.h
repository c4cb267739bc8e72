/* pull_inbox: where a puller's jobs arrive, and the server's statuses about its requests. It is
 * renewed after a reconnect: what was asked for under the old inbox can bring nothing any more.
 *
 * The puller's lock protects it. A thread may wait on `sub` without the lock: a subscription that
 * was given up stays valid until the inbox is closed or has been renewed 64 times since. */
#ifndef NATSQ_PULL_INBOX_H
#define NATSQ_PULL_INBOX_H

#include "nats/connection.h"
#include "queue/pull_request.h"

enum { PULL_INBOX_RETIRED_MAX = 64 };

struct pull_inbox {
    struct connection *connection;
    natsSubscription *sub;
    natsInbox *subject;
    natsSubscription *retired[PULL_INBOX_RETIRED_MAX]; /* given up, the oldest first */
    size_t n_retired;
    unsigned generation; /* of the connection that it was made on */
    unsigned denials;    /* of the connection, that were looked at */
    int64_t drained_by;  /* the end of a drain, however it goes */
};

/* With `connection` set and all else zero. */
natsStatus pull_inbox_open(struct pull_inbox *inbox);
void pull_inbox_close(struct pull_inbox *inbox);

/* Gives up the subscription for one on a new inbox. After a failure there is none. */
natsStatus pull_inbox_renew(struct pull_inbox *inbox);

/* The connection was lost since it was made. */
bool pull_inbox_is_stale(const struct pull_inbox *inbox);

/* Sends a request for `n` jobs to this inbox (pull_request_write), together with what was published
 * before. */
natsStatus pull_inbox_request(struct pull_inbox *inbox, const char *subject,
                              const struct pull_limits *limits, const char *verb, size_t n);

/* -1 (77) when the server has denied requests to `subject` or the subscription since the last
 * call. */
int pull_inbox_denied(struct pull_inbox *inbox, const char *subject, struct error *error);

/* Unsubscribes; what the server sent before it processed that still arrives. */
void pull_inbox_drain(struct pull_inbox *inbox);

/* The server has confirmed that it sends no more, or its time is over. */
bool pull_inbox_is_drained(const struct pull_inbox *inbox);

#endif
