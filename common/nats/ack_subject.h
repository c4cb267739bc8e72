/* ack_form: the subjects of acknowledgements on this connection: how they begin, and which of them
 * the server must not refuse. Any thread. */
#ifndef NATSQ_ACK_FORM_H
#define NATSQ_ACK_FORM_H

#include "nats/delivery.h"

#include <pthread.h>
#include <stdatomic.h>

struct ack_form {
    pthread_mutex_t lock; /* for `prefix` */
    char prefix[DELIVERY_PREFIX_MAX];
    _Atomic(const char *) heeded; /* stream; NULL: none */
};

void ack_form_init(struct ack_form *form);
void ack_form_destroy(struct ack_form *form);

/* Takes the form from the reply subject of a delivery; any other subject is ignored. */
void ack_form_learn(struct ack_form *form, const char *reply);

/* "$JS.ACK.", or the longer form up to the stream. */
void ack_form_prefix(struct ack_form *form, char prefix[DELIVERY_PREFIX_MAX]);

/* From here on a refused acknowledgement of a delivery from `stream`, which is the caller's, ends
 * the program (stop_because, 77): each job would run again, and be dead in the end. */
void ack_form_heed(struct ack_form *form, const char *stream);

/* The server refused a publish to this subject. True when it was one that is heeded. */
bool ack_form_refused(const struct ack_form *form, const char *subject);

#endif
