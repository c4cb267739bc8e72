/* nats_error: failed calls of nats.c as errors. */
#ifndef NATSQ_NATS_ERROR_H
#define NATSQ_NATS_ERROR_H

#include "base/error.h"

#include <nats/nats.h>

/* Fills in the error with the words, a colon and nats.c's text for `status`, and returns -1. The
 * exit code follows from the status: 77 for refusals, 69 where nothing answered, 71 for memory, 65
 * for what cannot be sent, else 70. */
int error_nats(struct error *error, natsStatus status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
