#include "nats/delivery.h"

#include "base/decimal.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

enum { PLAIN_TOKENS = 9, DOMAIN_TOKENS = 11, MOST_TOKENS = 12 };
enum { PLAIN_STREAM = 2, DOMAIN_STREAM = 4 }; /* index of the stream's token */

/* Sets the starts of the tokens and returns their number; 0 when there are too many. */
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
    return decimal_scan(&token, value) && (*token == '.' || *token == '\0');
}

/* Splits an acknowledgement's subject; returns the index of the stream's token, 0 for other forms.
 */
static size_t find_stream(const char *reply, const char *token[MOST_TOKENS])
{
    static const char prefix[] = DELIVERY_PLAIN_PREFIX;
    if (!reply || strncmp(reply, prefix, sizeof prefix - 1) != 0)
        return 0;
    size_t n = split(reply, token);
    return n == PLAIN_TOKENS ? PLAIN_STREAM : n >= DOMAIN_TOKENS ? DOMAIN_STREAM : 0;
}

bool delivery_parse(const char *reply, struct delivery *delivery)
{
    const char *token[MOST_TOKENS];
    size_t stream = find_stream(reply, token);
    if (stream == 0)
        return false;
    size_t first = stream + 2; /* the deliveries, after stream and consumer */
    uint64_t consumer_seq, stored_at;
    if (!number(token[first], &delivery->deliveries) || !number(token[first + 1], &delivery->seq) ||
        !number(token[first + 2], &consumer_seq) || !number(token[first + 3], &stored_at) ||
        !number(token[first + 4], &delivery->pending))
        return false;
    delivery->stored_at = (int64_t)stored_at;
    return delivery->deliveries > 0 && delivery->seq > 0 && stored_at <= INT64_MAX;
}

bool delivery_prefix(const char *reply, char prefix[DELIVERY_PREFIX_MAX])
{
    const char *token[MOST_TOKENS];
    size_t stream = find_stream(reply, token);
    size_t length = stream ? (size_t)(token[stream] - reply) : 0;
    if (stream == 0 || length >= DELIVERY_PREFIX_MAX)
        return false;
    memset(prefix, 0, DELIVERY_PREFIX_MAX);
    memcpy(prefix, reply, length);
    return true;
}

/* The `i`th token of the subject; NULL when there are fewer. */
static const char *token_at(const char *subject, size_t i)
{
    for (; subject && i > 0; i--) {
        subject = strchr(subject, '.');
        subject = subject ? subject + 1 : NULL;
    }
    return subject;
}

static bool is_token(const char *token, const char *text)
{
    size_t length = strlen(text);
    return token && strncmp(token, text, length) == 0 && token[length] == '.';
}

bool delivery_permission(const char *subject, const char *stream,
                         char permission[DELIVERY_PERMISSION_MAX])
{
    static const char prefix[] = DELIVERY_PLAIN_PREFIX;
    static const size_t places[] = {DOMAIN_STREAM, PLAIN_STREAM};
    if (strncmp(subject, prefix, sizeof prefix - 1) != 0)
        return false;
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        const char *consumer = token_at(subject, places[i] + 1);
        if (!consumer || !is_token(token_at(subject, places[i]), stream))
            continue;
        int length = (int)(consumer - subject + (ptrdiff_t)strcspn(consumer, "."));
        snprintf(permission, DELIVERY_PERMISSION_MAX, "%.*s.>", length, subject);
        return true;
    }
    return false;
}
