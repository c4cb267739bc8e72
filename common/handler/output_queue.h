/* output_queue: lines for stdout, each written as a whole by a thread of its own. So a slow reader
 * of stdout blocks neither the threads that add lines nor the renewal of their leases, and lines of
 * several handlers do not mix. */
#ifndef NATSQ_OUTPUT_QUEUE_H
#define NATSQ_OUTPUT_QUEUE_H

#include "base/cleanup.h"
#include "base/error.h"

#include <stdbool.h>
#include <stdint.h>

struct output_queue;

int output_queue_open(struct output_queue **opened, struct error *error);

/* Waits a moment at most for what is still queued. Accepts NULL. */
void output_queue_close(struct output_queue *queue);

/* All but open and close: any thread. */

/* Copies the line into the queue. False: it is full, or stdout is broken. */
bool output_queue_add(struct output_queue *queue, const void *line, size_t length);

/* How many bytes were added until now. */
uint64_t output_queue_end(struct output_queue *queue);

/* Wait until there is room for a line of `length` bytes, and until the first `end` bytes are
 * written; at most until `until` (clock_now), and not after stdout broke. */
bool output_queue_wait_for_room(struct output_queue *queue, size_t length, int64_t until);
bool output_queue_wait_until_written(struct output_queue *queue, uint64_t end, int64_t until);

/* Whether stdout could not be written; a stop (74) was requested then. */
bool output_queue_is_broken(struct output_queue *queue);

CLEANUP_DEFINE(struct output_queue *, cleanup_output_queue, output_queue_close)

#endif
