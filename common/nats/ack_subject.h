/* ack_subject: the subjects of acknowledgements on this connection: how they begin, and which of
 * them the server must not refuse. Any thread. */
#ifndef NATSQ_ACK_SUBJECT_H
#define NATSQ_ACK_SUBJECT_H

#include "nats/delivery.h"

#include <pthread.h>
#include <stdatomic.h>

struct ack_subject {
    pthread_mutex_t lock; /* for `prefix` */
    char prefix[DELIVERY_PREFIX_MAX];
    _Atomic(const char *) required; /* stream; NULL: none */
};

void ack_subject_init(struct ack_subject *acks);
void ack_subject_destroy(struct ack_subject *acks);

/* Takes the form from the reply subject of a delivery; any other subject is ignored. */
void ack_subject_learn(struct ack_subject *acks, const char *reply);

/* "$JS.ACK.", or the longer form up to the stream. */
void ack_subject_prefix(struct ack_subject *acks, char prefix[DELIVERY_PREFIX_MAX]);

/* From here on a refused acknowledgement of a delivery from `stream`, which is the caller's, ends
 * the program (stop_because, 77): each job would run again, and be dead in the end. */
void ack_subject_require(struct ack_subject *acks, const char *stream);

/* The server refused a publish to this subject. True when it was one that is heeded. */
bool ack_subject_refused(const struct ack_subject *acks, const char *subject);

#endif
