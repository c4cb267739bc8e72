/* delivery: what a job's reply subject, which is that of its acknowledgements, says. Pure.
 *
 * nats-server 2.9 to 2.15: $JS.ACK.<stream>.<consumer>.<deliveries>.<stream seq>.<consumer seq>.
 * <stored at, ns>.<pending>; with a domain and an account hash in front of the stream, and perhaps
 * a random token at the end, where the feature flag js_ack_fc_v2 is on (ADR-15). */
#ifndef NATSQ_DELIVERY_H
#define NATSQ_DELIVERY_H

#include <stdbool.h>
#include <stdint.h>

#define DELIVERY_PLAIN_PREFIX "$JS.ACK."
enum { DELIVERY_PREFIX_MAX = 256, DELIVERY_PERMISSION_MAX = 300 };

struct delivery {
    uint64_t deliveries; /* this one counted: 1 is the first */
    uint64_t seq;        /* in the stream */
    int64_t stored_at;   /* ns since 1970 */
    uint64_t pending;    /* jobs that the consumer has not delivered yet */
};

/* False when the subject is not of that form. */
bool delivery_parse(const char *reply, struct delivery *delivery);

/* What stands in front of the stream: "$JS.ACK.", or "$JS.ACK.<domain or _>.<account hash>.". False
 * when the subject is not of that form. */
bool delivery_prefix(const char *reply, char prefix[DELIVERY_PREFIX_MAX]);

/* Whether an acknowledgement to `subject`, of which the end may be missing, is one to `stream`, and
 * what a user must be allowed to publish to for it: "$JS.ACK.<stream>.<consumer>.>". */
bool delivery_permission(const char *subject, const char *stream,
                         char permission[DELIVERY_PERMISSION_MAX]);

#endif
