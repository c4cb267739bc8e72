/* pipeline: takes the jobs of the source and publishes each until it is confirmed. */
#ifndef NATSQ_PIPELINE_H
#define NATSQ_PIPELINE_H

#include "nats/connection.h"
#include "publisher_options.h"
#include "source/source.h"

/* 0: all jobs of the source are confirmed. 1: a stop was requested before any was sent. -1: 75 when
 * some are not or it was stopped before the end, 66 when the input could not be read on, 69 when no
 * stream has the subject, 77 when the server refuses. */
int pipeline_run(struct source *source, const struct publisher_options *options,
                 struct connection *connection, struct error *error);

#endif
