/* superseded: letters that do not count because their subject has a newer one: an import that
 * replaces letters was interrupted between storing one and removing the other. */
#ifndef NATSQ_SUPERSEDED_H
#define NATSQ_SUPERSEDED_H

#include "base/error.h"
#include "queue/job.h"

#include <stdbool.h>
#include <stddef.h>

struct dlq;
struct json_t;

/* Initialize it with {0}. */
struct superseded {
    char **subjects;  /* those with several letters */
    uint64_t *newest; /* sequence of the last letter on each; 0: there is none now */
    size_t n, room;
};

/* Looks among the held letters. `info`: STREAM.INFO of the DLQ stream, which mostly shows that
 * there are none. */
int superseded_read(struct superseded *superseded, const struct dlq *dlq, const struct json_t *info,
                    struct error *error);
void superseded_release(struct superseded *superseded);

bool superseded_has(const struct superseded *superseded, const struct job *letter);

#endif
