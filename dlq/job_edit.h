/* job_edit: what a person changes in a dead job before it is put back. Pure. */
#ifndef NATSQ_JOB_EDIT_H
#define NATSQ_JOB_EDIT_H

#include "nats/header.h"

#include <nats/nats.h>
#include <stdbool.h>
#include <stddef.h>

/* A job has headers of its own, and those of natsq (Natsq-*), which stay. */
struct job_edit {
    bool has_body;
    const void *body;
    size_t length;
    bool has_all_headers;         /* `headers` replace all of the job; else those of these names */
    const struct header *headers; /* value NULL: the name is removed */
    size_t n_headers;
};

bool job_edit_is_empty(const struct job_edit *edit);

/* NULL, or why a job cannot get this header. */
const char *job_edit_header_fault(const char *name, size_t name_length, const char *value,
                                  size_t value_length);

/* Whether a header is the job's own, and so may be edited. */
bool job_edit_is_own(const char *name);

/* Changes the headers of a message that was made from the letter, and notes there what was edited
 * (Natsq-Edited). The message has the edited body already. */
natsStatus job_edit_apply(const struct job_edit *edit, natsMsg *message);

#endif
