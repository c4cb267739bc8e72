#include "queue/pull_subscription.h"

#include "base/clock.h"
#include "base/duration.h"
#include "nats/denials.h"

#include <string.h>

enum { DRAIN_MS = 2000 };

natsStatus pull_inbox_open(struct pull_inbox *inbox)
{
    natsInbox_Destroy(take(inbox->subject));
    natsStatus s = natsInbox_Create(&inbox->subject);
    if (s == NATS_OK)
        s = natsConnection_SubscribeSync(&inbox->sub, connection_nats(inbox->connection),
                                         inbox->subject);
    if (s == NATS_OK)
        s = natsSubscription_SetPendingLimits(inbox->sub, -1, -1);
    inbox->generation = connection_generation(inbox->connection);
    return s;
}

void pull_inbox_close(struct pull_inbox *inbox)
{
    for (size_t i = 0; i < inbox->n_retired; i++)
        natsSubscription_Destroy(inbox->retired[i]);
    natsSubscription_Destroy(inbox->sub);
    natsInbox_Destroy(inbox->subject);
}

static void retire(struct pull_inbox *inbox)
{
    if (inbox->n_retired == PULL_INBOX_RETIRED_MAX) {
        natsSubscription_Destroy(inbox->retired[0]);
        memmove(inbox->retired, inbox->retired + 1, sizeof inbox->retired - sizeof(void *));
        inbox->n_retired--;
    }
    natsSubscription_Unsubscribe(inbox->sub);
    inbox->retired[inbox->n_retired++] = take(inbox->sub);
}

natsStatus pull_inbox_renew(struct pull_inbox *inbox)
{
    retire(inbox);
    return pull_inbox_open(inbox);
}

bool pull_inbox_is_stale(const struct pull_inbox *inbox)
{
    return inbox->generation != connection_generation(inbox->connection);
}

/* Sent, not published: no flusher waits. */
natsStatus pull_inbox_request(struct pull_inbox *inbox, const char *subject,
                              const struct pull_limits *limits, const char *verb, size_t n)
{
    char body[PULL_REQUEST_MAX];
    int length = pull_request_write(limits, verb, n, body);
    struct event_loop *loop = connection_loop(inbox->connection);
    event_loop_hold(loop);
    natsStatus s = natsConnection_SendRequest(connection_nats(inbox->connection), subject,
                                              inbox->subject, body, length);
    event_loop_send(loop);
    return s;
}

int pull_inbox_denied(struct pull_inbox *inbox, const char *subject, struct error *error)
{
    unsigned denials = connection_denials(inbox->connection);
    if (denials == inbox->denials)
        return 0;
    inbox->denials = denials;
    if (connection_denies(inbox->connection, subject))
        return denials_error(error, "publish", subject);
    if (connection_denies(inbox->connection, inbox->subject))
        return denials_error(error, "subscribe", inbox->subject);
    return 0;
}

void pull_inbox_drain(struct pull_inbox *inbox)
{
    if (natsSubscription_DrainTimeout(inbox->sub, DRAIN_MS) == NATS_OK)
        inbox->drained_by = clock_coarse() + 2 * DRAIN_MS * DURATION_MS;
}

bool pull_inbox_is_drained(const struct pull_inbox *inbox)
{
    return clock_coarse() > inbox->drained_by ||
           natsSubscription_DrainCompletionStatus(inbox->sub) != NATS_ILLEGAL_STATE;
}
