/* body: what a letter's job carried: its headers and its bytes, to be looked at. */
#ifndef NATSQ_JOB_CONTENT_H
#define NATSQ_JOB_CONTENT_H

#include "queue/job.h"

#include <stdbool.h>

struct json_t;

/* Text that a terminal shows as it is: UTF-8 without controls but newline and tab. */
bool job_content_is_text(const char *bytes, size_t length);

/* The bytes, as text or, sixteen a line, as hexadecimals with what is readable beside them. */
void job_content_print(const char *bytes, size_t length);

/* The job's headers, a line each. */
void job_content_print_headers(const struct job *job);

/* Adds "headers" ({name: [value, …]}) and "body" or, where that is no UTF-8, "body_base64". */
void job_content_add_json(struct json_t *object, const struct job *headers, const struct job *body);

#endif
