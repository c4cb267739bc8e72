/* text: bytes from outside made fit to be shown in a line of ours. */
#ifndef NATSQ_TEXT_H
#define NATSQ_TEXT_H

#include <stdbool.h>
#include <stddef.h>

/* A body in a log line is cut at this many bytes. */
enum { TEXT_SHOWN = 200, TEXT_MAX = 4 * TEXT_SHOWN + 8 };

/* The first 200 bytes, with control characters and what is not UTF-8 as `\n`, `\t`, `\x1b`, … so
 * that a body can neither break a line nor drive a terminal; `…` where it was cut. */
const char *text_escape(const void *bytes, size_t length, char text[TEXT_MAX]);

/* Bytes made safe for a header's value: controls, also CR and LF, become spaces; what is not
 * UTF-8 becomes `?`; blanks at both ends go. Writes at most `size` bytes with the NUL. */
const char *text_header_safe(const char *bytes, size_t length, char *text, size_t size);

/* The length of the well-formed UTF-8 sequence (RFC 3629) that `left` bytes, one at least, begin
 * with; 0 where there is none. */
size_t text_sequence(const char *bytes, size_t left);

bool text_is_utf8(const char *bytes, size_t length);

/* The text as it stands between the quotes of a JSON string, for what writes JSON without quoting
 * (nats.c's CONNECT). The caller frees it; NULL when out of memory. */
char *text_in_json(const char *text);

#endif
