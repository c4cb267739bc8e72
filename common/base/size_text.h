/* size_text: a number of bytes for people: `512 B`, `1.2 KiB`, `35 MiB`. Pure. */
#ifndef NATSQ_SIZE_TEXT_H
#define NATSQ_SIZE_TEXT_H

#include <stdint.h>

enum { SIZE_TEXT_MAX = 24 };

/* Binary units, as the limits of streams are given; one decimal below 10 where there is a fraction.
 * Returns `text`. */
const char *size_text(uint64_t bytes, char text[SIZE_TEXT_MAX]);

#endif
