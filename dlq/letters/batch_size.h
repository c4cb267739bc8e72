/* batch_size: how many messages to work on at once. A batch costs some ten round trips whatever its
 * size, so it grows while the messages are small; but all of it is in memory at once, and a server
 * closes the connection of who leaves 64 MB unread (max_pending, nats-server 2.9 to 2.15). Used by
 * one thread. */
#ifndef NATSQ_BATCH_SIZE_H
#define NATSQ_BATCH_SIZE_H

#include <stddef.h>

enum { BATCH_MAX = 1024, BATCH_FIRST = 32, BATCH_LEAST = 16, BATCH_BYTES = 16 << 20 };

struct batch_size {
    size_t most, now;
};

/* At most `most` at once, which is at most PORTION_MAX. */
void batch_size_begin(struct batch_size *size, size_t most);

/* A batch of `n` took `bytes`: the next has as many as would fit if they were alike, and at most
 * twice as many as this one might have had. */
void batch_size_learn(struct batch_size *size, size_t n, size_t bytes);

#endif
