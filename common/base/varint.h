/* varint: the length before a protobuf message in a stream of them, below 2^32. (libprotobuf-c has
 * it for fields, not for its callers.) */
#ifndef NATSQ_VARINT_H
#define NATSQ_VARINT_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum { VARINT_MAX = 5 }; /* bytes */

/* Returns how many bytes were written. */
size_t varint_write(uint32_t value, uint8_t bytes[VARINT_MAX]);

/* Returns how many bytes were read; 0: `bytes` end before the varint does. -1: it is too long. The
 * value may be up to 2^35 - 1. */
ssize_t varint_read(const uint8_t *bytes, size_t length, uint64_t *value);

#endif
