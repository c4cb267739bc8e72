/* delivery: parses the reply subject of a job, to which acknowledgements are published. Pure.
 *
 * nats-server 2.9 to 2.15: $JS.ACK.<stream>.<consumer>.<deliveries>.<stream seq>.<consumer seq>.
 * <stored at, ns>.<pending>; with a domain and an account hash before the stream, and possibly a
 * random token at the end, where the feature flag js_ack_fc_v2 is on (ADR-15). */
#ifndef NATSQ_DELIVERY_H
#define NATSQ_DELIVERY_H

#include <stdbool.h>
#include <stdint.h>

#define DELIVERY_PLAIN_PREFIX "$JS.ACK."
enum { DELIVERY_PREFIX_MAX = 256, DELIVERY_PERMISSION_MAX = 300 };

struct delivery {
    uint64_t deliveries; /* including this one: 1 is the first */
    uint64_t seq;        /* in the stream */
    int64_t stored_at;   /* ns since 1970 */
    uint64_t pending;    /* jobs that the consumer has not delivered yet */
};

/* False when the subject has another form. */
bool delivery_parse(const char *reply, struct delivery *delivery);

/* The part before the stream: "$JS.ACK.", or "$JS.ACK.<domain or _>.<account hash>.". False when
 * the subject has another form. */
bool delivery_prefix(const char *reply, char prefix[DELIVERY_PREFIX_MAX]);

/* Whether `subject`, possibly cut off, is that of an acknowledgement for `stream`. If so, sets the
 * subjects that its user must be allowed to publish to: "$JS.ACK.<stream>.<consumer>.>". */
bool delivery_permission(const char *subject, const char *stream,
                         char permission[DELIVERY_PERMISSION_MAX]);

#endif
