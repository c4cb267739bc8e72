/* event_loop: lets the thread that waits for a message read and write the connection's socket.
 *
 * nats.c's reading thread hands over each message with a lock and often a wake-up, which is more
 * than half of what a job costs a worker whose handler is instant.
 *
 * Not for TLS: there nats.c reads under its lock until a record is complete, and a peer that falls
 * silent within a record would block everything. */
#ifndef NATSQ_EVENT_LOOP_H
#define NATSQ_EVENT_LOOP_H

#include "base/cleanup.h"
#include "base/error.h"

#include <nats/nats.h>
#include <stdint.h>

/* All functions but event_loop_use take NULL: nats.c reads by itself. */
struct event_loop;

int event_loop_open(struct event_loop **opened, struct error *error);

/* No thread reads from now on. Call it after the connection is closed, before it is destroyed. */
void event_loop_stop(struct event_loop *loop);

/* Call it after the connection is destroyed. */
void event_loop_close(struct event_loop *loop);

/* The loop reads connections that are made with these options, one at a time. */
natsStatus event_loop_use(struct event_loop *loop, natsOptions *options);

/* As natsSubscription_NextMsg, for up to `ns`. Several threads may wait on one subscription. */
natsStatus event_loop_next(struct event_loop *loop, natsSubscription *sub, int64_t ns,
                           natsMsg **message);

/* From now on event_loop_next does not wait; threads that wait in it return NATS_TIMEOUT. */
void event_loop_interrupt(struct event_loop *loop);

/* What is published between these two is sent by the second, together with what was published
 * before. Otherwise it is sent within a millisecond. */
void event_loop_cork(struct event_loop *loop);
void event_loop_uncork(struct event_loop *loop);

/* To be called before this thread waits for a message by any means other than event_loop_next: the
 * helper thread reads immediately. */
void event_loop_let_helper_read(struct event_loop *loop);

CLEANUP_DEFINE(struct event_loop *, cleanup_event_loop, event_loop_close)

#endif
