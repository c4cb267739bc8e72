/* crc32: the checksum of zlib and gzip (polynomial 0xEDB88320). Written here, since nothing else
 * needs zlib. Pure. */
#ifndef NATSQ_CRC32_H
#define NATSQ_CRC32_H

#include <stddef.h>
#include <stdint.h>

/* Continues the checksum `sum`, which is 0 at first. */
uint32_t crc32_add(uint32_t sum, const void *bytes, size_t length);

#endif
