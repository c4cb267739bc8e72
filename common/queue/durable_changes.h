/* durable_changes: the settings of a durable that its workers share, and how two configurations
 * differ in them, in words. Pure. */
#ifndef NATSQ_DURABLE_CHANGES_H
#define NATSQ_DURABLE_CHANGES_H

#include <stddef.h>

struct json_t;

enum { DURABLE_CHANGES_MAX = 512 };

/* Names each difference between two configurations ("max_deliver 2 → 5, backoff 5s → 1s"); empty:
 * none. Returns `text`. */
const char *durable_changes(const struct json_t *was, const struct json_t *is, char *text,
                            size_t size);

#endif
