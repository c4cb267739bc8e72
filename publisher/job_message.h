/* dress: a job's message: its subject, and its headers: its id, its own ones, and those of
 * --header.
 */
#ifndef NATSQ_DRESS_H
#define NATSQ_DRESS_H

#include "publisher_options.h"
#include "source.h"

/* The job's own or SUBJECT; NULL when there is neither. */
const char *dress_subject(const struct item *item, const struct publisher_options *options);

/* The id is the job's own, that of --id, or made from the prefix and the job's number. */
int dress_message(natsMsg *message, const struct item *item,
                  const struct publisher_options *options, const char *id_prefix,
                  struct error *error);

/* Bytes of the body and of the headers, about. */
size_t dress_size(const struct item *item, const struct publisher_options *options);

#endif
