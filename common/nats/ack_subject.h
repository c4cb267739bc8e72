/* ack_subject: the prefix of the subjects of acknowledgements on this connection, and whether the
 * server denies them. Any thread. */
#ifndef NATSQ_ACK_SUBJECT_H
#define NATSQ_ACK_SUBJECT_H

#include "nats/delivery.h"

#include <pthread.h>
#include <stdatomic.h>

struct ack_subject {
    pthread_mutex_t lock; /* protects `prefix` */
    char prefix[DELIVERY_PREFIX_MAX];
    _Atomic(const char *) required; /* stream; NULL: none */
};

void ack_subject_init(struct ack_subject *acks);
void ack_subject_release(struct ack_subject *acks);

/* Learns the prefix from the reply subject of a delivery; ignores any other subject. */
void ack_subject_learn(struct ack_subject *acks, const char *reply);

/* "$JS.ACK.", or the longer prefix that was learned: everything before the stream. */
void ack_subject_prefix(struct ack_subject *acks, char prefix[DELIVERY_PREFIX_MAX]);

/* From here on, a denied acknowledgement for `stream` (borrowed) ends the program (stop_because,
 * 77): each job would run again until it is dead. */
void ack_subject_require(struct ack_subject *acks, const char *stream);

/* The server denied a publish to this subject. True if that ends the program. */
bool ack_subject_refused(const struct ack_subject *acks, const char *subject);

#endif
