/* json_sanitize: makes jansson accept JSON text that it would reject because of a value that is not
 * needed. Other writers of JSON are less strict (Python writes NaN and lone surrogates), and one
 * such value must not make the rest of the text unreadable. Pure. */
#ifndef NATSQ_JSON_SANITIZE_H
#define NATSQ_JSON_SANITIZE_H

#include <stddef.h>

/* Replaces, in place and without changing the length:
 * - in strings: lone surrogates with U+FFFD; control characters, bytes that are not UTF-8 and the
 *   backslash of an unknown escape with `?`
 * - after a colon: numbers and words that jansson rejects with an empty string
 * - arrays and objects nested in `depth` others with empty arrays.
 * This adds no key or value and changes no other one. Text that is broken otherwise stays broken.
 */
void json_sanitize(char *text, size_t length, size_t depth);

#endif
