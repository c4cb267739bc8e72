/* stored_messages: messages read from a stream by sequence or subject, many at once, from the
 * stream's leader (STREAM.MSG.GET): a replica's direct get may be behind. */
#ifndef NATSQ_STORED_MESSAGES_H
#define NATSQ_STORED_MESSAGES_H

#include "nats/requester.h"
#include "queue/job.h"

enum stored_result {
    STORED_UNKNOWN, /* no answer, or one that says neither */
    STORED_THERE,
    STORED_GONE, /* the leader says so (10037); nothing else means gone */
};

struct stored_message {
    const char *stream; /* NULL: not asked for, and left as it is */
    uint64_t seq;
    const char *last_of; /* instead of `seq`: the last one of this subject; else NULL */
    enum stored_result result;
    size_t bytes;   /* of the answer */
    struct job job; /* when it is there; job_clear */
};

/* Fills in result and job of each. -1 only when nothing could be sent. */
int stored_messages_fetch(struct requester *requester, struct connection *connection,
                          struct stored_message *items, size_t n, struct error *error);

/* How large the answers were; one that did not come counts as much as one usually may. */
size_t stored_messages_bytes(const struct stored_message *items, size_t n);

void stored_messages_clear(struct stored_message *items, size_t n);

#endif
