/* job_content: prints the headers and the body of a job, as text or as JSON. */
#ifndef NATSQ_JOB_CONTENT_H
#define NATSQ_JOB_CONTENT_H

#include "queue/job.h"

#include <stdbool.h>

struct json_t;

/* Prints the bytes as text, or as a hex dump if they are not safe on a terminal. */
void job_content_print(const char *bytes, size_t length);

/* Prints the headers, one per line: the job's own ones before those that natsq added. */
void job_content_print_headers(const struct job *job);

/* Adds "headers" (header_json.h) and "body", or "body_base64" when it is not UTF-8. False: the
 * headers are null, because a name is not UTF-8. */
bool job_content_add_json(struct json_t *object, const struct job *headers, const struct job *body);

#endif
