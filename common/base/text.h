/* text: makes untrusted bytes safe to be shown or sent: in a log line, a header, JSON. */
#ifndef NATSQ_TEXT_H
#define NATSQ_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A log line shows at most this many bytes of a body. */
enum { TEXT_SHOWN = 200, TEXT_MAX = 4 * TEXT_SHOWN + 8 };

/* Escapes control characters and bytes that are not UTF-8 (`\n`, `\t`, `\x1b`), so that a body
 * can neither break a line nor control a terminal. What follows the first 200 bytes becomes `…`. */
const char *text_escape(const void *bytes, size_t length, char text[TEXT_MAX]);

/* The same, for the first `most` bytes; `text` has 4 * most + 8. */
const char *text_escape_most(const void *bytes, size_t length, size_t most, char *text);

/* Makes bytes safe for a header's value: control characters, such as CR and LF, become spaces,
 * bytes that are not UTF-8 become `?`, and spaces at both ends are removed. Writes at most `size`
 * bytes including the NUL. */
const char *text_header_safe(const char *bytes, size_t length, char *text, size_t size);

/* The length of the UTF-8 sequence (RFC 3629) at the start of `left` bytes (at least one). 0:
 * malformed. */
size_t text_utf8_length(const char *bytes, size_t left);

/* The code point of a UTF-8 sequence of this length, which text_utf8_length returned. */
uint32_t text_code_point(const char *bytes, size_t length);

bool text_is_utf8(const char *bytes, size_t length);

/* Whether the UTF-8 sequence is a control character: C0, DEL or C1, which has two bytes in UTF-8
 * and controls some terminals. */
bool text_is_control(const char *bytes, size_t length);

/* Escapes a text for the inside of a JSON string, for code that writes JSON without escaping
 * (nats.c's CONNECT). The caller frees it. NULL: out of memory. */
char *text_escape_json(const char *text);

struct buffer;

/* Appends a handler's output for a terminal: control characters as "\\x1b". Tabs stay, and so do
 * bytes that are not UTF-8: they control nothing. */
void text_add_visible(struct buffer *to, const char *bytes, size_t length);

#endif
