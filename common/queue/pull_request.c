#include "queue/pull_request.h"

#include "base/duration.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>

/* The server answers a request that it could not serve after `expires`, and sends heartbeats until
 * then. Short, so that lost requests are soon repeated. */
static const int64_t expires = 10 * DURATION_S;
static const int64_t heartbeat = 3 * DURATION_S;
static const int64_t shortest_with_heartbeat = 1 * DURATION_S;

/* The server refuses a heartbeat above half of `expires`. */
int pull_request_write(const struct pull_limits *limits, const char *prefix, size_t n,
                       char body[PULL_REQUEST_MAX])
{
    bool is_limited = limits->expires > 0 && limits->expires < expires;
    int64_t end = is_limited ? limits->expires : expires;
    int64_t beat = end < shortest_with_heartbeat ? 0 : is_limited ? end / 3 : heartbeat;
    return snprintf(body, PULL_REQUEST_MAX,
                    "%s{\"batch\":%zu,\"expires\":%" PRId64 ",\"idle_heartbeat\":%" PRId64 "}",
                    prefix, n, end, beat);
}

size_t pull_request_at_most(const struct pull_limits *limits, size_t n)
{
    return limits->batch > 0 && (uint64_t)limits->batch < n ? (size_t)limits->batch : n;
}
