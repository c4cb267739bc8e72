/* job: one message of the origin, as it was delivered to a worker or read from the stream. */
#ifndef NATSQ_JOB_H
#define NATSQ_JOB_H

#include "base/error.h"
#include "base/text.h"
#include "nats/delivery.h"

#include <nats/nats.h>
#include <stdbool.h>
#include <stddef.h>

struct job {
    natsMsg *message; /* owned: subject, headers, body */
    char *subject;    /* owned: where it is stored; NULL: the message's subject */
    struct delivery delivery;
};

/* From a message that a consumer delivered; takes ownership of it, even on failure (-1). */
int job_from_delivery(struct job *job, natsMsg *message, struct error *error);

/* From the server's answer to STREAM.MSG.GET. 1: the stream holds no such message (10037); no other
 * answer means that it is gone. -1: the answer says neither. */
int job_from_stored(struct job *job, natsMsg *message, struct error *error);

const char *job_subject(const struct job *job);
const char *job_body(const struct job *job, size_t *length);

/* The body as a line of text, escaped and cut (text_escape); returns `text`. */
const char *job_body_text(const struct job *job, char text[TEXT_MAX]);

/* The header's first value or NULL; it lives as long as the job. */
const char *job_header(const struct job *job, const char *name);

/* Whether it was delivered without its body, as by a durable with headers_only (nats-server 2.15).
 */
bool job_is_bodiless(const struct job *job);

/* Releases what it owns; accepts an empty job. */
void job_clear(struct job *job);

#endif
