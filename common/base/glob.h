/* glob: shell patterns, matched against bytes of any length. fnmatch(3) stops at a NUL, takes
 * exponential time for several stars, and depends on the locale. Pure. */
#ifndef NATSQ_GLOB_H
#define NATSQ_GLOB_H

#include <stdbool.h>
#include <stddef.h>

/* Whether the glob matches all of `text`: `*` any bytes, `?` one character (of UTF-8; a byte where
 * it is malformed), `[a-z]`, `[!a-z]` or `[[:digit:]]` one of a set, `\*` the star itself. A `[`
 * that is not closed stands for itself. Upper and lower case differ. */
bool glob_matches(const char *glob, const char *text, size_t length);

#endif
