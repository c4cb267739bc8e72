/* letter_difference: whether two messages are the same letter. Pure. */
#ifndef NATSQ_LETTER_DIFFERENCE_H
#define NATSQ_LETTER_DIFFERENCE_H

#include "queue/job.h"

enum { LETTER_BODY_DIFFERS = 1, LETTER_HEADERS_DIFFER = 2 };

/* Which of these; 0: they are the same. The headers for the server do not count, and neither does
 * Natsq-Edited. */
unsigned letter_difference(const struct job *one, const struct job *other);

/* For Natsq-Edited: "body", "headers" or "body,headers"; NULL for 0. */
const char *letter_difference_text(unsigned difference);

#endif
