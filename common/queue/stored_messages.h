/* stored: messages read from a stream by sequence or subject, many at once, from the stream's
 * leader (STREAM.MSG.GET): a replica's direct get may be behind. */
#ifndef NATSQ_STORED_H
#define NATSQ_STORED_H

#include "nats/requester.h"
#include "queue/job.h"

enum stored_result {
    STORED_UNKNOWN, /* no answer, or one that says neither */
    STORED_THERE,
    STORED_GONE, /* the leader says so (10037); nothing else means gone */
};

struct stored {
    const char *stream;
    uint64_t seq;
    const char *last_of; /* instead of `seq`: the last one of this subject; else NULL */
    enum stored_result result;
    size_t bytes;   /* of the answer */
    struct job job; /* when it is there; job_clear */
};

/* Fills in result and job of each. -1 only when nothing could be sent. */
int stored_fetch(struct exchange *exchange, struct connection *connection, struct stored *items,
                 size_t n, struct error *error);

/* How large the answers were; one that did not come counts as much as one usually may. */
size_t stored_bytes(const struct stored *items, size_t n);

void stored_clear(struct stored *items, size_t n);

#endif
