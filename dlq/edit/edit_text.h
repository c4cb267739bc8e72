/* edit_text: a job as a text that a person edits: its body alone; or its headers, one a line, an
 * empty line, and the body:
 *
 *     Colour: red
 *
 *     {"order": 17}
 *
 * Headers of natsq and those for the server are left out. Pure. */
#ifndef NATSQ_EDIT_TEXT_H
#define NATSQ_EDIT_TEXT_H

#include "base/buffer.h"
#include "job_edit.h"

enum { EDIT_TEXT_FAULT_MAX = 256 };

/* A text that was read. Initialize it with {0}. */
struct edit_text {
    struct header *headers; /* owned; their strings belong to the text */
    size_t n_headers, room;
    const char *body; /* in the text */
    size_t length;
};

/* `headers`: a message with the job's headers, or NULL for the body alone. */
void edit_text_write(struct buffer *out, natsMsg *headers, const void *body, size_t length);

/* Splits a text, and writes NULs into it. NULL, or why it is no job, in `fault`. */
const char *edit_text_read(struct edit_text *text, char *bytes, size_t length, bool has_headers,
                           char fault[EDIT_TEXT_FAULT_MAX]);
void edit_text_release(struct edit_text *text);

/* Fills in `edit` with what differs; it borrows from `after`. A newline at the end, which editors
 * add to a body that has none, is no difference. NULL, or why a new header cannot be, in `fault`.
 */
const char *edit_text_compare(const struct edit_text *before, const struct edit_text *after,
                              struct job_edit *edit, char fault[EDIT_TEXT_FAULT_MAX]);

#endif
