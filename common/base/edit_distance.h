/* edit_distance: how far a mistyped name is from one that exists. Pure. */
#ifndef NATSQ_EDIT_DISTANCE_H
#define NATSQ_EDIT_DISTANCE_H

#include <stddef.h>

/* The Levenshtein distance of two names. SIZE_MAX: the second is longer than 255 bytes. */
size_t edit_distance(const char *a, const char *b);

#endif
