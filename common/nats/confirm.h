/* confirm: publishes messages until the stream confirms them, a window of them at a time.
 *
 * A message that is not confirmed is sent again, so it must carry what makes the stream store it
 * once: a message id, or an expected last sequence of 0 on a subject of its own. Messages of one
 * subject keep their order as long as none has to be sent again. Used by one thread. */
#ifndef NATSQ_CONFIRM_H
#define NATSQ_CONFIRM_H

#include "nats/connection.h"
#include "nats/puback.h"

struct confirm_policy {
    size_t window;        /* maximum number of messages in flight */
    size_t window_bytes;  /* maximum number of bytes in flight; a larger message is sent alone */
    int64_t ack_wait;     /* ns until a message is sent again */
    int64_t retry_for;    /* ns until it is given up; INT64_MAX: never */
    bool wait_for_room;   /* try again while the stream is full, else give up immediately */
    bool wait_for_stream; /* try again while there are no responders, as in an election */
    const char *stream;   /* the only stream that may confirm; borrowed. NULL: any */
};

/* Called once for each message, from within any function below but confirm_close. The outcome
 * confirms it (puback_confirms) or says why it was given up. */
typedef void confirm_done(void *closure, void *owner, const struct puback *outcome);

struct confirm;

int confirm_open(struct confirm **opened, struct connection *connection,
                 const struct confirm_policy *policy, confirm_done *done, void *closure,
                 struct error *error);
void confirm_close(struct confirm *confirm);

/* Creates a message, to which the caller may add headers; waits for room in the window. 1: a stop
 * was requested before there was room. -1: out of memory, or an invalid subject. */
int confirm_message(struct confirm *confirm, const char *subject, const void *body, size_t length,
                    natsMsg **message, struct error *error);

/* Sends the message that confirm_message created last, and owns it from here on. */
void confirm_send(struct confirm *confirm, natsMsg *message, void *owner);

/* Waits until the window has room for a message of this size, headers included, and reserves it for
 * the next message. 1: a stop was requested. 2: no room by the time `until`. */
int confirm_wait_for_room(struct confirm *confirm, size_t bytes, int64_t until);

/* Waits until nothing is in flight. 1: a stop was requested. 2: something still is at the time
 * `until`. */
int confirm_drain(struct confirm *confirm, int64_t until);

/* Handles answers and resends until `fd` (-1: none) is readable or until the time `until` of
 * clock_now (INT64_MAX: never). 1: a stop was requested. */
int confirm_wait(struct confirm *confirm, int fd, int64_t until);

/* Waits until nothing is in flight, as long as the policy allows; `grace` ns after a stop was
 * requested it gives up the rest (PUBACK_AGAIN). */
void confirm_flush(struct confirm *confirm, int64_t grace);

/* Within confirm_done: the message whose outcome is reported. It is destroyed afterwards. */
natsMsg *confirm_settled(const struct confirm *confirm);

size_t confirm_in_flight(const struct confirm *confirm);

CLEANUP_DEFINE(struct confirm *, cleanup_confirm, confirm_close)

#endif
