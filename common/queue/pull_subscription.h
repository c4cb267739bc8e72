/* pull_subscription: a subscription on which a durable's jobs are requested and delivered, the
 * requests that are still unanswered, and the server's statuses about them. It is renewed, on
 * another inbox, when the old requests can no longer be answered.
 *
 * Protected by the puller's lock. A thread may wait on `sub` without the lock: a subscription that
 * was replaced stays valid until it is closed or was replaced OLD_SUBSCRIPTIONS_MAX times. */
#ifndef NATSQ_PULL_SUBSCRIPTION_H
#define NATSQ_PULL_SUBSCRIPTION_H

#include "nats/connection.h"
#include "queue/outstanding.h"
#include "queue/pull_request.h"
#include "queue/pull_status.h"

enum { OLD_SUBSCRIPTIONS_MAX = 64 };

struct pull_subscription {
    struct connection *connection;
    char subject[PULL_SUBJECT_MAX]; /* where requests are sent */
    struct pull_limits limits;
    struct outstanding outstanding;
    natsSubscription *sub;
    natsInbox *inbox;
    natsSubscription *old[OLD_SUBSCRIPTIONS_MAX]; /* replaced, oldest first */
    size_t n_old;
    bool is_lost;        /* the subscription has to be renewed; the puller sets it too */
    unsigned generation; /* the connection's generation when it was opened */
    unsigned denials;    /* the connection's denials that have been checked */
    int64_t drain_limit; /* when a drain counts as done even without the server's confirmation */
};

/* With `connection` set and all else zero. */
natsStatus pull_subscription_open(struct pull_subscription *pull);
void pull_subscription_close(struct pull_subscription *pull);

/* Requests go to this durable from now on. */
void pull_subscription_address(struct pull_subscription *pull, const char *stream,
                               const char *consumer);

/* Replaces the subscription; nothing is outstanding then. */
natsStatus pull_subscription_renew(struct pull_subscription *pull);

/* Whether its requests can no longer be answered: the server has lost them, or the connection was
 * lost meanwhile. */
bool pull_subscription_is_lost(const struct pull_subscription *pull);

/* Requests `n` jobs, in as many requests as the limits demand. What cannot be sent is not
 * outstanding. */
void pull_subscription_request(struct pull_subscription *pull, size_t n);

/* Acknowledges the job with this reply subject and requests another in one message. */
natsStatus pull_subscription_request_next(struct pull_subscription *pull, const char *reply);

/* Reads a status that arrived on it, and counts the jobs that will not be delivered. */
void pull_subscription_take_status(struct pull_subscription *pull, natsMsg *message,
                                   struct pull_status *status);

/* Ends the program (stop_because, 77) when the server denies the requests or the inbox: the puller
 * would wait forever. */
void pull_subscription_end_when_denied(struct pull_subscription *pull);

/* Unsubscribes; what the server sent before still arrives. */
void pull_subscription_drain(struct pull_subscription *pull);

/* Whether the server has confirmed that it sends no more, or its time limit has passed. */
bool pull_subscription_is_drained(const struct pull_subscription *pull);

#endif
