/* stream_reader: reads the messages of a stream that match a filter, in order and without a
 * consumer (direct get with next_by_subj and batch: ADR-31, nats-server 2.11 on). Uses constant
 * memory. For one thread. */
#ifndef NATSQ_STREAM_READER_H
#define NATSQ_STREAM_READER_H

#include "nats/connection.h"
#include "queue/job.h"

struct stream_reader;

/* `first`: the sequence of the stream's first message, if it is known, or 0. It often matches the
 * filter, and finding the first match makes the server scan every subject (50 ms for a million,
 * 2.15). */
int stream_reader_open(struct stream_reader **opened, struct connection *connection,
                       const char *stream, const char *filter, uint64_t first, struct error *error);
void stream_reader_close(struct stream_reader *reader);

/* Ends the reading after sequence `last`: a stream that grows as fast as it is read has no end. */
void stream_reader_end_at(struct stream_reader *reader, uint64_t last);

/* How many messages there are to read, by the server's count. Of a reader that has read nothing,
 * and will not read. -1 as below. */
int stream_reader_count(struct stream_reader *reader, uint64_t *n, struct error *error);

/* Reads the next message, which the caller clears. 1: the end, or a stop was requested. -1: no
 * answer (69), no permission (77), or a stream without direct access (78). */
int stream_reader_next(struct stream_reader *reader, struct job *message, struct error *error);

CLEANUP_DEFINE(struct stream_reader *, cleanup_stream_reader, stream_reader_close)

#endif
