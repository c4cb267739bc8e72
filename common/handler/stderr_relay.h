/* stderr_relay: what a handler writes on stderr, passed on line by line with the job in front, or
 * as objects where our log is of JSON; the last line is kept as the error. A long line is passed on
 * in pieces. */
#ifndef NATSQ_STDERR_RELAY_H
#define NATSQ_STDERR_RELAY_H

#include "base/log.h"

#include <stddef.h>
#include <stdint.h>

enum { STDERR_RELAY_MAX = 2048 };

struct stderr_relay {
    const struct log *log; /* whose format it is; to be set once */
    uint64_t seq;          /* of the job */
    size_t used;
    char text[STDERR_RELAY_MAX];
    char last[512]; /* the last line that was not empty, made header-safe */
};

void stderr_relay_begin(struct stderr_relay *relay, uint64_t seq);

/* Takes bytes as they were read; passes whole lines on to our stderr. */
void stderr_relay_feed(struct stderr_relay *relay, const char *bytes, size_t length);

/* Takes what can be read now from a nonblocking pipe; closes it at its end and sets -1. */
void stderr_relay_read(struct stderr_relay *relay, int *pipe);

/* Takes what was written to the pipe so far and closes it, not waiting for its end: a daemon that
 * was left behind may hold the other side for ever, and one that goes on writing is not waited
 * for. Takes -1. */
void stderr_relay_drain(struct stderr_relay *relay, int *pipe);

/* Passes on what is left. */
void stderr_relay_flush(struct stderr_relay *relay);

#endif
