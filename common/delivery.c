#include "delivery.h"

#include <stddef.h>
#include <string.h>

enum { PLAIN_TOKENS = 9, DOMAIN_TOKENS = 11, MOST_TOKENS = 12 };

/* The tokens' starts; 0 when there are more than fit. */
static size_t split(const char *subject, const char *starts[MOST_TOKENS])
{
    size_t n = 0;
    for (const char *at = subject;; at++) {
        if (n == MOST_TOKENS)
            return 0;
        starts[n++] = at;
        at = strchr(at, '.');
        if (!at)
            return n;
    }
}

static bool number(const char *token, uint64_t *value)
{
    const char *at = token;
    *value = 0;
    for (; *at >= '0' && *at <= '9'; at++)
        if (__builtin_mul_overflow(*value, 10u, value) ||
            __builtin_add_overflow(*value, (uint64_t)(*at - '0'), value))
            return false;
    return at > token && (*at == '.' || *at == '\0');
}

bool delivery_parse(const char *reply, struct delivery *delivery)
{
    static const char prefix[] = "$JS.ACK.";
    const char *token[MOST_TOKENS];
    if (!reply || strncmp(reply, prefix, sizeof prefix - 1) != 0)
        return false;
    size_t n = split(reply, token);
    if (n != PLAIN_TOKENS && n < DOMAIN_TOKENS)
        return false;
    size_t first = n == PLAIN_TOKENS ? 4 : 6; /* the deliveries, behind stream and consumer */
    uint64_t consumer_seq, stored_at;
    if (!number(token[first], &delivery->deliveries) || !number(token[first + 1], &delivery->seq) ||
        !number(token[first + 2], &consumer_seq) || !number(token[first + 3], &stored_at) ||
        !number(token[first + 4], &delivery->pending))
        return false;
    delivery->stored_at = (int64_t)stored_at;
    return delivery->deliveries > 0 && delivery->seq > 0 && stored_at <= INT64_MAX;
}
