/* stored_messages: messages read from a stream by sequence or subject, many at once, from the
 * stream's leader (STREAM.MSG.GET): a replica's direct get may be behind. */
#ifndef NATSQ_STORED_MESSAGES_H
#define NATSQ_STORED_MESSAGES_H

#include "nats/requester.h"
#include "queue/job.h"

enum stored_result {
    STORED_UNKNOWN, /* no answer, or an error */
    STORED_THERE,
    STORED_GONE, /* according to the leader (10037); nothing else means gone */
};

struct stored_message {
    const char *stream; /* NULL: not requested, and left unchanged */
    uint64_t seq;
    const char *last_of; /* instead of `seq`: the last message of this subject; else NULL */
    enum stored_result result;
    size_t bytes;   /* size of the answer */
    struct job job; /* set if it exists; to be cleared */
};

/* Fetches all in one round trip. -1 only when nothing could be sent, or we may not (77). */
int stored_messages_fetch(struct requester *requester, struct stored_message *items, size_t n,
                          struct error *error);

/* The size of all answers; one that is missing counts as the usual maximum. */
size_t stored_messages_bytes(const struct stored_message *items, size_t n);

void stored_messages_clear(struct stored_message *items, size_t n);

#endif
