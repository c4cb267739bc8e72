/* loop: the connection's socket read and written by the thread that waits for a message, instead of
 * by nats.c's reading thread, which hands each message over with a lock and often a wake-up: more
 * than half of what a job costs a worker whose handler is instant. One thread at a time drives the
 * socket: one in loop_next, else a helper thread.
 *
 * Not for TLS: there nats.c reads under its lock until a record is whole, and a peer that falls
 * silent within one would block everything. */
#ifndef NATSQ_LOOP_H
#define NATSQ_LOOP_H

#include "base/cleanup.h"
#include "base/error.h"

#include <nats/nats.h>
#include <stdint.h>

struct loop; /* all that follows but loop_use takes NULL: nats.c reads by itself */

int loop_open(struct loop **opened, struct error *error);

/* Ends the helper: nobody reads from now on. After the connection is closed, before it is
 * destroyed. */
void loop_stop(struct loop *loop);

/* After the connection is destroyed. */
void loop_close(struct loop *loop);

/* Connections made with these options, one at a time, are read by the loop. */
natsStatus loop_use(struct loop *loop, natsOptions *options);

/* As natsSubscription_NextMsg, up to `ns`; by any number of threads that wait on the same
 * subscription. */
natsStatus loop_next(struct loop *loop, natsSubscription *sub, int64_t ns, natsMsg **message);

/* Threads in loop_next return at once, now and from now on, as if their time were over. */
void loop_interrupt(struct loop *loop);

/* What is published between these two is sent by the second, and what was published before with it;
 * else it is sent after a millisecond, or sooner. */
void loop_hold(struct loop *loop);
void loop_send(struct loop *loop);

/* This thread is about to wait for something else that comes over the connection. */
void loop_attend(struct loop *loop);

CLEANUP_DEFINE(struct loop *, cleanup_loop, loop_close)

#endif
