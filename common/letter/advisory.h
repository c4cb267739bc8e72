/* advisory: the server's message that a job used up its attempts
 * (io.nats.jetstream.advisory.v1.max_deliver; nats-server 2.9 to 2.15). Pure. */
#ifndef NATSQ_ADVISORY_H
#define NATSQ_ADVISORY_H

#include <stddef.h>
#include <stdint.h>

enum { ADVISORY_NAME_MAX = 256 };

struct advisory {
    char stream[ADVISORY_NAME_MAX], consumer[ADVISORY_NAME_MAX];
    uint64_t seq, deliveries;
    int64_t time; /* ns since 1970 */
};

/* Returns NULL for an advisory about `origin`, else what is wrong with it ("is not JSON", …). */
const char *advisory_parse(const char *bytes, size_t length, const char *origin,
                           struct advisory *advisory);

#endif
