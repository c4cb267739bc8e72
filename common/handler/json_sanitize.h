/* json_sanitize: JSON text that jansson refuses because of a value that nobody needs. Others who
 * write JSON are less strict (Python writes NaN and lone surrogates), and one such value must not
 * cost the rest of the text. Pure. */
#ifndef NATSQ_JSON_SANITIZE_H
#define NATSQ_JSON_SANITIZE_H

#include <stddef.h>

/* Replaces, in place and without a change of length:
 * - in strings: lone surrogates by U+FFFD; control characters, what is not UTF-8 and the backslash
 *   of an unknown escape by `?`
 * - after a colon: numbers and words that jansson does not take by an empty string
 * - arrays and objects that stand within `depth` others, by empty arrays.
 * No key or value comes into being by that, and none of the others changes. What is broken
 * otherwise stays broken. */
void json_sanitize(char *text, size_t length, size_t depth);

#endif
