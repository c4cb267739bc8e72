/* lines: what a handler writes on stderr, passed on line by line with the job in front, or
 * as objects where our log is of JSON; the last line is kept as the error. A long line is passed on
 * in pieces. */
#ifndef NATSQ_LINES_H
#define NATSQ_LINES_H

#include "base/log.h"

#include <stddef.h>
#include <stdint.h>

enum { LINES_MAX = 2048 };

struct lines {
    const struct log *log; /* whose format it is; to be set once */
    uint64_t seq;          /* of the job */
    size_t used;
    char text[LINES_MAX];
    char last[512]; /* the last line that was not empty, made header-safe */
};

void lines_begin(struct lines *lines, uint64_t seq);

/* Takes bytes as they were read; passes whole lines on to our stderr. */
void lines_feed(struct lines *lines, const char *bytes, size_t length);

/* Takes what can be read now from a nonblocking pipe; closes it at its end and sets -1. */
void lines_read(struct lines *lines, int *pipe);

/* Takes what was written to the pipe so far and closes it, not waiting for its end: a daemon that
 * was left behind may hold the other side for ever, and one that goes on writing is not waited
 * for. Takes -1. */
void lines_read_rest(struct lines *lines, int *pipe);

/* Passes on what is left. */
void lines_end(struct lines *lines);

#endif
