/* jsonl: a job as one JSON object: {"subject", "id", "headers", "body" | "body_base64"}, each of
 * which may be left out. Pure.
 *
 * "headers" is {"name": "value" | ["value", …], …} or, as a kept handler gets them,
 * [{"name": …, "value": …}, …]. */
#ifndef NATSQ_JSONL_H
#define NATSQ_JSONL_H

#include "header.h"

struct json_t;

enum { JSONL_FAULT_MAX = 320 };

/* Begins as {0}; its memory is kept for the next line. Texts stand until the next call. */
struct jsonl {
    const char *subject, *id; /* NULL where there is none */
    struct header *headers;
    size_t n_headers, headers_room;
    const void *body;
    size_t length;
    char fault[JSONL_FAULT_MAX];
    struct json_t *root;
    char *decoded; /* a body that came as base64 */
};

/* NULL, or what is wrong with the line, which is shown escaped. A byte order mark before it is
 * skipped. */
const char *jsonl_read(struct jsonl *job, const char *line, size_t length);
void jsonl_release(struct jsonl *job);

/* The line with its newline for a job, which jsonl_read reads back; NULL without memory. To be
 * freed. Subject, id and headers are UTF-8. */
char *jsonl_write(const struct jsonl *job);

#endif
