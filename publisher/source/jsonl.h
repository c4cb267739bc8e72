/* jsonl: a job as one JSON object, {"subject", "id", "headers", "body" | "body_base64"}, all of
 * them optional. Pure. "headers" have the shape of header_json.h.
 *
 * A line of `dlq export --jsonl`, which has a "place", is read as the dead job that its letter is
 * about: a new job, without the headers of natsq that say how it died. */
#ifndef NATSQ_JSONL_H
#define NATSQ_JSONL_H

#include "nats/header.h"

#include <stdbool.h>

struct json_t;

enum { JSONL_FAULT_MAX = 320 };

/* Initialize it with {0}; it can be used for many lines. Strings are valid until the next
 * jsonl_read. */
struct jsonl {
    const char *subject, *id; /* or NULL */
    struct header *headers;
    size_t n_headers, headers_room;
    const void *body;
    size_t length;
    bool is_end; /* the line that ends an export: not a job */
    bool is_letter, is_by_reference;
    const char *letter_subject; /* of the dead job, or NULL */
    char fault[JSONL_FAULT_MAX];
    struct json_t *root;
    char *decoded; /* a body decoded from base64 */
};

/* NULL, or what is wrong with the line, with the line's text escaped. Skips a byte order mark. */
const char *jsonl_read(struct jsonl *job, const char *line, size_t length);
void jsonl_release(struct jsonl *job);

/* Adds a header, whose strings it borrows. False: out of memory. */
bool jsonl_add_header(struct jsonl *job, const char *name, const char *value);

/* The job as a line without its newline, which jsonl_read reads back; the caller frees it. NULL:
 * out of memory. Subject, id and names of headers are UTF-8. */
char *jsonl_write(const struct jsonl *job);

#endif
