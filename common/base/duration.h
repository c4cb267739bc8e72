/* duration: lengths of time as people write them: `250ms`, `5s`, `2m`, `1h30m`. Values are in
 * nanoseconds, as in JetStream's configurations. */
#ifndef NATSQ_DURATION_H
#define NATSQ_DURATION_H

#include <stdbool.h>
#include <stdint.h>

#define DURATION_MS INT64_C(1000000)
#define DURATION_S (1000 * DURATION_MS)
#define DURATION_MINUTE (60 * DURATION_S)
#define DURATION_HOUR (60 * DURATION_MINUTE)

enum { DURATION_TEXT_MAX = 48 };

/* Numbers, which may have a fraction, with the units ns, us, ms, s, m, h and d; `0` needs no unit.
 * False for anything else, such as a negative duration or one over 100 years. */
bool duration_parse(const char *text, int64_t *ns);

/* Writes whole units, the largest first (`1h30m`); duration_parse returns the same value. */
const char *duration_format(int64_t ns, char text[DURATION_TEXT_MAX]);

/* For people, an age or a time left: at most two units, in at most 6 columns below 100 days (`45s`,
 * `5m12s`, `42m`, `3h5m`, `17h`, `3d4h`, `42d`). A negative one, of a clock that is behind, is
 * `0s`.
 */
const char *duration_age_text(int64_t ns, char text[DURATION_TEXT_MAX]);

#endif
