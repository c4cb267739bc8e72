/* varint: the length that precedes a protobuf message in a stream. libprotobuf-c reads and writes
 * varints only inside messages. */
#ifndef NATSQ_VARINT_H
#define NATSQ_VARINT_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum { VARINT_MAX = 5 }; /* bytes */

/* Returns the number of bytes written. */
size_t varint_write(uint32_t value, uint8_t bytes[VARINT_MAX]);

/* Returns the number of bytes read. 0: the varint is incomplete. -1: it is longer than VARINT_MAX.
 * The value is below 2^35. */
ssize_t varint_read(const uint8_t *bytes, size_t length, uint64_t *value);

#endif
