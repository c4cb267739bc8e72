/* array: a growing array. */
#ifndef NATSQ_ARRAY_H
#define NATSQ_ARRAY_H

#include <stddef.h>

/* Makes room for one more item of `size` bytes after `n` items, of which `*room` fit now. Returns
 * the array, which may have moved. NULL: out of memory, and the array is unchanged. */
void *array_grow(void *items, size_t n, size_t *room, size_t size);

#endif
