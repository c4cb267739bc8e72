#include "queue/pull_subscription.h"

#include "base/clock.h"
#include "base/duration.h"
#include "base/stop.h"
#include "nats/denials.h"

#include <string.h>

enum { DRAIN_MS = 2000 };

natsStatus pull_subscription_open(struct pull_subscription *pull)
{
    natsInbox_Destroy(take(pull->inbox));
    natsStatus s = natsInbox_Create(&pull->inbox);
    if (s == NATS_OK)
        s = natsConnection_SubscribeSync(&pull->sub, connection_nats(pull->connection),
                                         pull->inbox);
    if (s == NATS_OK)
        s = natsSubscription_SetPendingLimits(pull->sub, -1, -1);
    pull->generation = connection_generation(pull->connection);
    pull->is_lost = s != NATS_OK;
    outstanding_reset(&pull->outstanding, clock_coarse());
    return s;
}

void pull_subscription_close(struct pull_subscription *pull)
{
    for (size_t i = 0; i < pull->n_old; i++)
        natsSubscription_Destroy(pull->old[i]);
    natsSubscription_Destroy(pull->sub);
    natsInbox_Destroy(pull->inbox);
}

void pull_subscription_address(struct pull_subscription *pull, const char *stream,
                               const char *consumer)
{
    snprintf(pull->subject, sizeof pull->subject, "%s.CONSUMER.MSG.NEXT.%s.%s",
             connection_api(pull->connection), stream, consumer);
}

static void replace(struct pull_subscription *pull)
{
    if (pull->n_old == OLD_SUBSCRIPTIONS_MAX) {
        natsSubscription_Destroy(pull->old[0]);
        memmove(pull->old, pull->old + 1, sizeof pull->old - sizeof(void *));
        pull->n_old--;
    }
    natsSubscription_Unsubscribe(pull->sub);
    pull->old[pull->n_old++] = take(pull->sub);
}

natsStatus pull_subscription_renew(struct pull_subscription *pull)
{
    replace(pull);
    return pull_subscription_open(pull);
}

bool pull_subscription_is_lost(const struct pull_subscription *pull)
{
    return pull->is_lost || pull->generation != connection_generation(pull->connection) ||
           outstanding_is_silent(&pull->outstanding, clock_coarse());
}

/* Sent immediately, together with what was published before: no flusher waits. */
static natsStatus request(struct pull_subscription *pull, const char *subject, const char *prefix,
                          size_t n)
{
    char body[PULL_REQUEST_MAX];
    int length = pull_request_write(&pull->limits, prefix, n, body);
    struct event_loop *loop = connection_loop(pull->connection);
    event_loop_cork(loop);
    natsStatus s = natsConnection_SendRequest(connection_nats(pull->connection), subject,
                                              pull->inbox, body, length);
    event_loop_uncork(loop);
    if (s == NATS_OK)
        outstanding_add(&pull->outstanding, n, clock_coarse());
    return s;
}

void pull_subscription_request(struct pull_subscription *pull, size_t n)
{
    natsStatus s = NATS_OK; /* what cannot be sent now is requested later */
    for (size_t part; n > 0 && s == NATS_OK; n -= part) {
        part = pull_request_at_most(&pull->limits, n);
        s = request(pull, pull->subject, "", part);
    }
}

natsStatus pull_subscription_request_next(struct pull_subscription *pull, const char *reply)
{
    return request(pull, reply, "+NXT ", 1);
}

void pull_subscription_take_status(struct pull_subscription *pull, natsMsg *message,
                                   struct pull_status *status)
{
    pull_status_parse(message, status);
    outstanding_remove(&pull->outstanding, status->unfulfilled);
}

void pull_subscription_end_when_denied(struct pull_subscription *pull)
{
    struct error error = {0};
    unsigned denials = connection_denials(pull->connection);
    if (denials == pull->denials)
        return;
    pull->denials = denials;
    bool is_subject = connection_denies(pull->connection, pull->subject);
    if (!is_subject && !connection_denies(pull->connection, pull->inbox))
        return;
    (void)denials_error(&error, is_subject ? "publish" : "subscribe",
                        is_subject ? pull->subject : pull->inbox);
    stop_because(&error);
}

void pull_subscription_drain(struct pull_subscription *pull)
{
    if (natsSubscription_DrainTimeout(pull->sub, DRAIN_MS) == NATS_OK)
        pull->drain_limit = clock_coarse() + 2 * DRAIN_MS * DURATION_MS;
}

bool pull_subscription_is_drained(const struct pull_subscription *pull)
{
    return clock_coarse() > pull->drain_limit ||
           natsSubscription_DrainCompletionStatus(pull->sub) != NATS_ILLEGAL_STATE;
}
