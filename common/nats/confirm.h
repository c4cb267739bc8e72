/* confirm: publishes until the stream confirms, a window of messages at a time.
 *
 * A message whose confirmation does not come is sent again; so it must carry what makes the stream
 * store it once: a message id, or an expected last sequence of 0 on a subject of its own. Messages
 * of one subject keep their order as long as none has to be sent again. Used by one thread. */
#ifndef NATSQ_CONFIRM_H
#define NATSQ_CONFIRM_H

#include "nats/connection.h"
#include "nats/puback.h"

struct confirm_policy {
    size_t window;        /* messages in flight at most */
    size_t window_bytes;  /* and their bytes; one larger message goes alone */
    int64_t ack_wait;     /* ns until a message is sent again */
    int64_t retry_for;    /* ns until it is given up; INT64_MAX: never */
    bool wait_for_room;   /* a full stream is waited for too, else given up at once */
    bool wait_for_stream; /* "nobody listens" too (an election), else given up at once */
    const char *stream;   /* that must have it; the caller's. NULL: whichever has the subject */
};

/* Told once for each message, from within any call below but confirm_close: kind STORED,
 * DUPLICATE or EXISTS confirms it; anything else is why it was given up. */
typedef void confirm_done(void *closure, void *owner, const struct puback *outcome);

struct confirm;

int confirm_open(struct confirm **opened, struct connection *connection,
                 const struct confirm_policy *policy, confirm_done *done, void *closure,
                 struct error *error);
void confirm_close(struct confirm *confirm);

/* A message to add headers to; waits for a place in the window. 1: a stop was requested and there
 * was none. -1: out of memory, or a subject that is none. */
int confirm_message(struct confirm *confirm, const char *subject, const void *body, size_t length,
                    natsMsg **message, struct error *error);

/* Sends the message that confirm_message made last and owns it from here on. */
void confirm_send(struct confirm *confirm, natsMsg *message, void *owner);

/* Waits until the window has room for a message of so many bytes with its headers, which the next
 * one then counts for, at most until the time `until`: 0. 1: a stop was requested. 2: it has none
 * yet. */
int confirm_wait_for_room(struct confirm *confirm, size_t bytes, int64_t until);

/* Waits until nothing is in flight: 0. 1: a stop was requested. 2: at the time `until` something
 * still is. */
int confirm_drain(struct confirm *confirm, int64_t until);

/* Looks after what is in flight until `fd` (-1: none) is readable or the time `until` of
 * clock_now (INT64_MAX: never) has come: 0. 1: a stop was requested. */
int confirm_wait(struct confirm *confirm, int fd, int64_t until);

/* Waits until nothing is in flight, at most `ns` (INT64_MAX: as long as the policy says). After
 * that time, or `grace` ns after a stop was requested, the rest is given up (PUBACK_AGAIN). */
void confirm_flush(struct confirm *confirm, int64_t ns, int64_t grace);

/* The message that confirm_done is being told of; it is gone afterwards. */
natsMsg *confirm_settled(const struct confirm *confirm);

size_t confirm_in_flight(const struct confirm *confirm);

CLEANUP_DEFINE(struct confirm *, cleanup_confirm, confirm_close)

#endif
