/* text_width: how many columns of a terminal a text takes. The locale is not asked: wcwidth(3)
 * knows ASCII only in the C locale, in which cron, containers and ssh often run us, while the
 * terminal shows UTF-8. Pure. */
#ifndef NATSQ_TEXT_WIDTH_H
#define NATSQ_TEXT_WIDTH_H

#include <stddef.h>

/* Of a text that text_escape made, so that it is UTF-8 without control characters. */
size_t text_width(const char *text);

/* The length in bytes of the longest beginning of the text that fits into `columns`. */
size_t text_fit(const char *text, size_t columns);

#endif
