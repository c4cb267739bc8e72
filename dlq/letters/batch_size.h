/* batch_size: how many messages to process in a batch. A batch costs about ten round trips
 * regardless of its size, so it grows while the messages are small. But the whole batch is in
 * memory, and a server closes a connection with 64 MB of unread data (max_pending, nats-server 2.9
 * to 2.15). For one thread. */
#ifndef NATSQ_BATCH_SIZE_H
#define NATSQ_BATCH_SIZE_H

#include <stddef.h>

enum { BATCH_MAX = 1024, BATCH_FIRST = 32, BATCH_LEAST = 16, BATCH_BYTES = 16 << 20 };

struct batch_size {
    size_t most, now;
};

/* `most`: never more than this, and at most BATCH_MAX. */
void batch_size_begin(struct batch_size *size, size_t most);

/* After a batch of `n` messages of `bytes` in all: the next one has as many as fit at that average
 * size, and at most twice as many as this one was allowed. */
void batch_size_learn(struct batch_size *size, size_t n, size_t bytes);

#endif
