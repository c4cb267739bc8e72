/* array: a growing array. */
#ifndef NATSQ_ARRAY_H
#define NATSQ_ARRAY_H

#include <stddef.h>

/* Makes room for one more item of `size` bytes after the `n` that are there, and returns where the
 * items are now; `*room` is how many fit. NULL when out of memory: the items stay where they are.
 */
void *array_grow(void *items, size_t n, size_t *room, size_t size);

#endif
