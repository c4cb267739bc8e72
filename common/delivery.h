/* delivery: what a job's reply subject says of this delivery. Pure.
 *
 * nats-server 2.9 to 2.15: $JS.ACK.<stream>.<consumer>.<deliveries>.<stream seq>.<consumer seq>.
 * <stored at, ns>.<pending>; with a domain and an account hash in front of the stream, and perhaps
 * a random token at the end, where the feature flag js_ack_fc_v2 is on (ADR-15). */
#ifndef NATSQ_DELIVERY_H
#define NATSQ_DELIVERY_H

#include <stdbool.h>
#include <stdint.h>

struct delivery {
    uint64_t deliveries; /* this one counted: 1 is the first */
    uint64_t seq;        /* in the stream */
    int64_t stored_at;   /* ns since 1970 */
    uint64_t pending;    /* jobs that the consumer has not delivered yet */
};

/* False when the subject is not of that form. */
bool delivery_parse(const char *reply, struct delivery *delivery);

#endif
