/* job_message: a job as a NATS message: its subject, its message id, its own headers, and those of
 * --header. */
#ifndef NATSQ_JOB_MESSAGE_H
#define NATSQ_JOB_MESSAGE_H

#include "source/source_kind.h"

#include <nats/nats.h>

/* The job's own or SUBJECT; NULL when there is neither. */
const char *job_message_subject(const struct source_item *item,
                                const struct publisher_options *options);

/* The message id is the job's own, or that of --id, or the prefix with the job's number. */
int job_message_set_headers(natsMsg *message, const struct source_item *item,
                            const struct publisher_options *options, const char *id_prefix,
                            struct error *error);

/* The size of the body and the headers in bytes; an estimate. */
size_t job_message_size(const struct source_item *item, const struct publisher_options *options);

#endif
