/* job_message: a job's message: its subject, and its headers: its id, its own ones, and those of
 * --header.
 */
#ifndef NATSQ_JOB_MESSAGE_H
#define NATSQ_JOB_MESSAGE_H

#include "publisher_options.h"
#include "source/source.h"

#include <nats/nats.h>

/* The job's own or SUBJECT; NULL when there is neither. */
const char *job_message_subject(const struct source_item *item,
                                const struct publisher_options *options);

/* The id is the job's own, that of --id, or made from the prefix and the job's number. */
int job_message_create(natsMsg *message, const struct source_item *item,
                       const struct publisher_options *options, const char *id_prefix,
                       struct error *error);

/* Bytes of the body and of the headers, about. */
size_t job_message_size(const struct source_item *item, const struct publisher_options *options);

#endif
