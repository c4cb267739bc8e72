/* stderr_relay: passes on what a handler writes to stderr, line by line, with the job's sequence in
 * front, or as JSON objects if our log is JSON. Keeps the last line as the job's error. A line that
 * is too long is passed on in pieces. On a terminal, control characters are made visible. */
#ifndef NATSQ_STDERR_RELAY_H
#define NATSQ_STDERR_RELAY_H

#include "base/log.h"

#include <stddef.h>
#include <stdint.h>

enum { STDERR_RELAY_MAX = 2048 };

struct stderr_relay {
    const struct log *log;
    int pipe;     /* read end, nonblocking; -1: closed */
    uint64_t seq; /* of the job */
    size_t used;
    char text[STDERR_RELAY_MAX];
    char last_line[512]; /* the last line that was not empty, made safe for a header */
};

/* Output from now on belongs to the job `seq`. */
void stderr_relay_begin(struct stderr_relay *relay, uint64_t seq);

/* Reads once from the pipe; closes it at its end. */
void stderr_relay_read(struct stderr_relay *relay);

/* Passes on a line that is still incomplete. */
void stderr_relay_flush(struct stderr_relay *relay);

/* Passes on what the pipe holds, and closes it. Does not wait for its end: a daemon that the
 * handler left behind may hold the pipe open, or go on writing, forever. */
void stderr_relay_close(struct stderr_relay *relay);

#endif
