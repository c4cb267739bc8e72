#include "base/varint.h"

size_t varint_write(uint32_t value, uint8_t bytes[VARINT_MAX])
{
    size_t n = 0;
    for (; value >= 0x80; value >>= 7)
        bytes[n++] = (uint8_t)(value | 0x80);
    bytes[n++] = (uint8_t)value;
    return n;
}

ssize_t varint_read(const uint8_t *bytes, size_t length, uint64_t *value)
{
    *value = 0;
    for (size_t i = 0; i < length && i < VARINT_MAX; i++) {
        *value |= (uint64_t)(bytes[i] & 0x7F) << (7 * i);
        if (bytes[i] < 0x80)
            return (ssize_t)i + 1;
    }
    return length < VARINT_MAX ? 0 : -1;
}
