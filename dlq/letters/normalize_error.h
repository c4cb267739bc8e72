/* normalize_error: errors that differ only in numbers, ids and paths made the same. Pure. */
#ifndef NATSQ_NORMALIZE_ERROR_H
#define NATSQ_NORMALIZE_ERROR_H

#include <stddef.h>

/* `open /tmp/a7: 3 tries` → `open <path>: <n> tries`. Writes at most `size` bytes with the NUL. */
const char *normalize_error(const char *error, char *folded, size_t size);

#endif
