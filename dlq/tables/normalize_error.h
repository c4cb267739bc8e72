/* normalize_error: makes errors equal that differ only in numbers, ids and paths. Pure. */
#ifndef NATSQ_NORMALIZE_ERROR_H
#define NATSQ_NORMALIZE_ERROR_H

#include <stddef.h>

/* `open /tmp/a7: 3 tries` → `open <path>: <n> tries`, in at most `size` bytes with the NUL. */
const char *normalize_error(const char *error, char *normalized, size_t size);

#endif
