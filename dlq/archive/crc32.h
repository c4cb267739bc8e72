/* checksum: CRC-32 as zlib and gzip have it (polynomial 0xEDB88320). Pure. */
#ifndef NATSQ_CRC32_H
#define NATSQ_CRC32_H

#include <stddef.h>
#include <stdint.h>

/* Goes on from `sum`, 0 at first. */
uint32_t crc32_add(uint32_t sum, const void *bytes, size_t length);

#endif
