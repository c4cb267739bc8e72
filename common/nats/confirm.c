#include "nats/confirm.h"

#include "base/clock.h"
#include "base/duration.h"
#include "base/stop.h"
#include "nats/confirm_window.h"
#include "nats/inbox.h"
#include "nats/nats_cleanup.h"
#include "nats/nats_error.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>

static const int64_t denial_poll = 200 * DURATION_MS;

struct confirm {
    struct connection *connection;
    struct inbox *inbox;
    struct confirm_policy policy;
    confirm_done *done;
    void *closure;
    struct confirm_window window;
    unsigned denials; /* the connection's count when they were last handled */
    bool warned_full;
    natsMsg *settled;
    size_t reserved; /* bytes of the next message, as given to confirm_wait_for_room */
};

int confirm_open(struct confirm **opened, struct connection *connection,
                 const struct confirm_policy *policy, confirm_done *done, void *closure,
                 struct error *error)
{
    _cleanup_(cleanup_confirm) struct confirm *confirm = calloc(1, sizeof *confirm);
    if (!confirm)
        return error_set(error, EX_OSERR, "out of memory");
    confirm->connection = connection;
    confirm->policy = *policy;
    confirm->done = done;
    confirm->closure = closure;
    confirm->denials = connection_denials(connection);
    if (confirm_window_open(&confirm->window, policy->window, error) < 0)
        return -1;
    if (inbox_open(&confirm->inbox, connection, error) < 0)
        return -1;
    *opened = take(confirm);
    return 0;
}

void confirm_close(struct confirm *confirm)
{
    if (!confirm)
        return;
    inbox_close(confirm->inbox);
    confirm_window_close(&confirm->window);
    free(confirm);
}

size_t confirm_in_flight(const struct confirm *confirm)
{
    return confirm_window_in_flight(&confirm->window);
}

natsMsg *confirm_settled(const struct confirm *confirm)
{
    return confirm->settled;
}

static void settle(struct confirm *confirm, struct confirm_entry *entry,
                   const struct puback *outcome)
{
    struct confirm_entry settled = confirm_window_take(&confirm->window, entry);
    _cleanup_(cleanup_msg) natsMsg *message = settled.message;
    confirm->settled = message;
    confirm->done(confirm->closure, settled.owner, outcome);
    confirm->settled = NULL;
    free(settled.last); /* `outcome` may have pointed to it */
}

static void give_up(struct confirm *confirm, struct confirm_entry *entry)
{
    const struct puback nothing = {.kind = PUBACK_AGAIN};
    settle(confirm, entry, entry->last ? entry->last : &nothing);
}

/* Allocated here, because few messages are ever refused. */
static void keep_last_answer(struct confirm_entry *entry, const struct puback *puback)
{
    if (!entry->last)
        entry->last = malloc(sizeof *entry->last);
    if (entry->last)
        *entry->last = *puback;
}

static void send_now(struct confirm *confirm, struct confirm_entry *entry)
{
    natsConnection *nats = connection_nats(confirm->connection);
    /* PublishMsg waits for more output; with a window of one there is none. */
    natsStatus s = confirm->policy.window == 1 ? natsConnection_SendMsg(nats, entry->message)
                                               : natsConnection_PublishMsg(nats, entry->message);
    if (s == NATS_MAX_PAYLOAD || s == NATS_INVALID_SUBJECT || s == NATS_CONNECTION_CLOSED) {
        struct puback refused = {.kind = s == NATS_MAX_PAYLOAD ? PUBACK_TOO_LARGE : PUBACK_REFUSED};
        snprintf(refused.description, sizeof refused.description, "%s", natsStatus_GetText(s));
        settle(confirm, entry, &refused);
        return;
    }
    /* Any other failure (the buffer of a broken connection is full) is temporary: it is resent. */
    confirm_window_schedule(&confirm->window, entry, clock_coarse() + confirm->policy.ack_wait);
}

static bool is_worth_waiting(const struct confirm *confirm, enum puback_kind kind)
{
    if (confirm->policy.retry_for == 0)
        return false;
    return kind == PUBACK_AGAIN || (kind == PUBACK_FULL && confirm->policy.wait_for_room) ||
           (kind == PUBACK_NO_STREAM && confirm->policy.wait_for_stream);
}

static void warn_once_full(struct confirm *confirm, const struct puback *puback)
{
    if (puback->kind == PUBACK_FULL && !confirm->warned_full)
        log_warn(connection_log(confirm->connection), "the stream is full: waiting for room");
    confirm->warned_full = confirm->warned_full || puback->kind == PUBACK_FULL;
}

static void take_answer(struct confirm *confirm, uint64_t token, natsMsg *answer)
{
    struct confirm_entry *entry = confirm_window_find(&confirm->window, token);
    if (!entry)
        return;
    struct puback puback;
    puback_read(answer, &puback);
    if (confirm->policy.stream)
        puback_require_stream(&puback, answer, confirm->policy.stream);
    if (!is_worth_waiting(confirm, puback.kind)) {
        confirm->warned_full = false;
        settle(confirm, entry, &puback);
        return;
    }
    warn_once_full(confirm, &puback);
    keep_last_answer(entry, &puback);
    entry->give_up = entry->end;
    confirm_window_back_off(&confirm->window, entry, clock_now());
}

static void settle_as_denied(struct confirm *confirm, struct confirm_entry *entry, const char *verb,
                             const char *subject)
{
    struct puback denied = {.kind = PUBACK_DENIED};
    snprintf(denied.description, sizeof denied.description, "%s to '%.150s'", verb, subject);
    settle(confirm, entry, &denied);
}

/* A denied publish gets no answer; if the inbox is denied, no publish does. */
static void settle_denied(struct confirm *confirm)
{
    unsigned denials = connection_denials(confirm->connection);
    if (denials == confirm->denials)
        return;
    confirm->denials = denials;
    char inbox[INBOX_REPLY_MAX];
    bool no_inbox = connection_denies(confirm->connection, inbox_subject(confirm->inbox, inbox));
    for (size_t i = 0; i < confirm->window.size; i++) {
        struct confirm_entry *entry = &confirm->window.entries[i];
        if (entry->message && no_inbox)
            settle_as_denied(confirm, entry, "subscribe", inbox);
        else if (entry->message &&
                 connection_denies(confirm->connection, natsMsg_GetSubject(entry->message)))
            settle_as_denied(confirm, entry, "publish", natsMsg_GetSubject(entry->message));
    }
}

/* Resends the messages that are due and gives up those whose deadline has passed. */
static void resend_and_expire(struct confirm *confirm, int64_t now)
{
    settle_denied(confirm);
    if (now < confirm->window.next_due)
        return;
    confirm->window.next_due = INT64_MAX;
    for (size_t i = 0; i < confirm->window.size; i++) {
        struct confirm_entry *entry = &confirm->window.entries[i];
        if (!entry->message)
            continue;
        if (now >= entry->give_up)
            give_up(confirm, entry);
        else if (now >= entry->due)
            send_now(confirm, entry);
        else
            confirm_window_schedule(&confirm->window, entry, entry->due);
    }
}

/* When resend_and_expire is needed next; earlier, because denials are polled. */
static int64_t wake_at(const struct confirm *confirm, int64_t now, int64_t end)
{
    int64_t until = confirm->window.next_due < end ? confirm->window.next_due : end;
    bool in_flight = confirm_in_flight(confirm) > 0;
    return in_flight && until > now + denial_poll ? now + denial_poll : until;
}

static void take_one_answer(struct confirm *confirm, int64_t ns)
{
    _cleanup_(cleanup_msg) natsMsg *answer = NULL;
    uint64_t token;
    if (inbox_take(confirm->inbox, ns, &answer, &token) == 0)
        take_answer(confirm, token, answer);
}

static void take_answers(struct confirm *confirm)
{
    while (inbox_has_answer(confirm->inbox))
        take_one_answer(confirm, 0);
}

/* Handles the answers that have arrived, or waits for the next one, at most until `end`. */
static void process_events(struct confirm *confirm, int64_t end)
{
    if (!inbox_has_answer(confirm->inbox)) {
        int64_t now = clock_now(), until = wake_at(confirm, now, end);
        take_one_answer(confirm, until > now ? until - now : 0);
    }
    take_answers(confirm);
    resend_and_expire(confirm, clock_now());
}

static bool has_room(const struct confirm *confirm, size_t bytes)
{
    if (confirm->window.n_free == 0)
        return false;
    return confirm_in_flight(confirm) == 0 ||
           confirm->window.bytes + bytes <= confirm->policy.window_bytes;
}

int confirm_wait_for_room(struct confirm *confirm, size_t bytes, int64_t until)
{
    while (!has_room(confirm, bytes)) {
        if (stop_requested())
            return 1;
        if (until < INT64_MAX && clock_now() >= until)
            return 2;
        process_events(confirm, until);
    }
    if (bytes > confirm->reserved)
        confirm->reserved = bytes;
    return 0;
}

int confirm_drain(struct confirm *confirm, int64_t until)
{
    while (confirm_in_flight(confirm) > 0) {
        if (stop_requested())
            return 1;
        if (clock_now() >= until)
            return 2;
        process_events(confirm, until);
    }
    return 0;
}

int confirm_message(struct confirm *confirm, const char *subject, const void *body, size_t length,
                    natsMsg **message, struct error *error)
{
    int waited = confirm_wait_for_room(confirm, length, INT64_MAX);
    if (waited != 0)
        return waited;
    char reply[INBOX_REPLY_MAX];
    inbox_reply(confirm->inbox, confirm_window_token(&confirm->window), reply);
    natsStatus s = natsMsg_Create(message, subject, reply, body, (int)length);
    return s == NATS_OK ? 0 : error_nats(error, s, "cannot create a message");
}

void confirm_send(struct confirm *confirm, natsMsg *message, void *owner)
{
    size_t length = (size_t)natsMsg_GetDataLength(message);
    int64_t now = clock_coarse(), retry_for = confirm->policy.retry_for;
    int64_t end = retry_for < INT64_MAX - now ? now + retry_for : INT64_MAX, give_up = end;
    if (give_up < now + confirm->policy.ack_wait)
        give_up = now + confirm->policy.ack_wait; /* time for at least one answer */
    struct confirm_entry *entry =
        confirm_window_put(&confirm->window, message, owner,
                           length > confirm->reserved ? length : confirm->reserved, give_up);
    entry->end = end;
    confirm->reserved = 0;
    send_now(confirm, entry);
    take_answers(confirm);
    resend_and_expire(confirm, now);
}

static bool is_readable(int fd)
{
    struct pollfd on = {.fd = fd, .events = POLLIN};
    return poll(&on, 1, 0) > 0;
}

int confirm_wait(struct confirm *confirm, int fd, int64_t until)
{
    for (;;) {
        take_answers(confirm);
        int64_t now = clock_now();
        resend_and_expire(confirm, now);
        if (stop_requested())
            return 1;
        if (now >= until || is_readable(fd))
            return 0;
        inbox_wait(confirm->inbox, fd, wake_at(confirm, now, until) - now);
    }
}

static void give_up_all(struct confirm *confirm)
{
    for (size_t i = 0; i < confirm->window.size; i++)
        if (confirm->window.entries[i].message)
            give_up(confirm, &confirm->window.entries[i]);
}

void confirm_flush(struct confirm *confirm, int64_t grace)
{
    int64_t now, end = INT64_MAX;
    while (confirm_in_flight(confirm) > 0 && (now = clock_now()) < end) {
        if (end == INT64_MAX && stop_requested())
            end = now + grace;
        process_events(confirm, end);
    }
    give_up_all(confirm);
}
