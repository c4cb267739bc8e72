/* timestamp: points in time, in nanoseconds since 1970 (UTC), and as RFC 3339 text. */
#ifndef NATSQ_TIMESTAMP_H
#define NATSQ_TIMESTAMP_H

#include <stdbool.h>
#include <stdint.h>

enum { TIMESTAMP_TEXT_MAX = 40 };

int64_t timestamp_now(void);

/* `2026-11-24T23:10:56.123456789Z`; the server writes an offset or a Z, and 0 to 9 decimals
 * (nats-server 2.15: Go's time.RFC3339Nano). False for anything else. */
bool timestamp_parse(const char *text, int64_t *ns);

/* With `decimals` 0 to 9 behind the seconds, always in UTC with a Z. Returns `text`. */
const char *timestamp_format(int64_t ns, int decimals, char text[TIMESTAMP_TEXT_MAX]);

#endif
