/* pipeline: publishes the jobs of a source, a window of them in flight, each until it is confirmed.
 */
#ifndef NATSQ_PIPELINE_H
#define NATSQ_PIPELINE_H

#include "base/error.h"

struct connection;
struct publisher_options;
struct source;

/* 0: all jobs of the source are confirmed. 1: a stop was requested before any was sent. -1: some
 * are not confirmed, or it was stopped before the end (75); the input could not be read (66); no
 * stream has the subject (69); the server refuses (77). */
int pipeline_run(struct source *source, const struct publisher_options *options,
                 struct connection *connection, struct error *error);

#endif
