/* event_loop: the connection's socket read and written by the thread that waits for a message,
 * instead of by nats.c's reading thread, which hands each message over with a lock and often a
 * wake-up: more than half of what a job costs a worker whose handler is instant. One thread at a
 * time drives the socket: one in event_loop_next, else a helper thread.
 *
 * Not for TLS: there nats.c reads under its lock until a record is whole, and a peer that falls
 * silent within one would block everything. */
#ifndef NATSQ_EVENT_LOOP_H
#define NATSQ_EVENT_LOOP_H

#include "base/cleanup.h"
#include "base/error.h"

#include <nats/nats.h>
#include <stdint.h>

struct event_loop; /* all that follows but event_loop_use takes NULL: nats.c reads by itself */

int event_loop_open(struct event_loop **opened, struct error *error);

/* Ends the helper: nobody reads from now on. After the connection is closed, before it is
 * destroyed. */
void event_loop_stop(struct event_loop *loop);

/* After the connection is destroyed. */
void event_loop_close(struct event_loop *loop);

/* Connections made with these options, one at a time, are read by the loop. */
natsStatus event_loop_use(struct event_loop *loop, natsOptions *options);

/* As natsSubscription_NextMsg, up to `ns`; by any number of threads that wait on the same
 * subscription. */
natsStatus event_loop_next(struct event_loop *loop, natsSubscription *sub, int64_t ns,
                           natsMsg **message);

/* Threads in event_loop_next return at once, now and from now on, as if their time were over. */
void event_loop_interrupt(struct event_loop *loop);

/* What is published between these two is sent by the second, and what was published before with it;
 * else it is sent after a millisecond, or sooner. */
void event_loop_hold(struct event_loop *loop);
void event_loop_send(struct event_loop *loop);

/* This thread is about to wait for something else that comes over the connection. */
void event_loop_attend(struct event_loop *loop);

CLEANUP_DEFINE(struct event_loop *, cleanup_event_loop, event_loop_close)

#endif
