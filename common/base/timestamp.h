/* timestamp: points in time, in nanoseconds since 1970 (UTC), and as RFC 3339 text, whose fractions
 * of a second and offsets strptime(3) does not read. */
#ifndef NATSQ_TIMESTAMP_H
#define NATSQ_TIMESTAMP_H

#include <stdbool.h>
#include <stdint.h>

enum { TIMESTAMP_TEXT_MAX = 40 };

int64_t timestamp_now(void);

/* `2026-11-24T23:10:56.123456789Z`, with 0 to 9 decimals and a Z or an offset, as the server writes
 * it (nats-server 2.15: Go's time.RFC3339Nano). False for anything else. */
bool timestamp_parse(const char *text, int64_t *ns);

/* Writes UTC with a Z and 0 to 9 `decimals` of a second. Returns `text`. */
const char *timestamp_format(int64_t ns, int decimals, char text[TIMESTAMP_TEXT_MAX]);

#endif
