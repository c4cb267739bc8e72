/* stream_reader: reads the messages of a stream under a filter in their order, without a consumer
 * (direct get with next_by_subj and batch: ADR-31, nats-server 2.11 on). Constant memory; one
 * thread. */
#ifndef NATSQ_STREAM_READER_H
#define NATSQ_STREAM_READER_H

#include "nats/connection.h"
#include "queue/job.h"

struct stream_reader;

/* `first`: the sequence of the stream's first message, as far as is known, or 0. To find the first
 * under a filter from there the server looks at every subject (50 ms where there are a million,
 * 2.15); often it is that one. */
int stream_reader_open(struct stream_reader **opened, struct connection *connection,
                       const char *stream, const char *filter, uint64_t first, struct error *error);
void stream_reader_close(struct stream_reader *reader);

/* Ends behind sequence `last`: a stream that grows as fast as it is read has no end otherwise. */
void stream_reader_up_to(struct stream_reader *reader, uint64_t last);

/* The next message, which the caller clears; `subject` is where it is stored and lives as long.
 * 0; 1 at the end; -1. */
int stream_reader_next(struct stream_reader *reader, struct job *message, const char **subject,
                       struct error *error);

CLEANUP_DEFINE(struct stream_reader *, cleanup_stream_reader, stream_reader_close)

#endif
