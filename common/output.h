/* output: standard output as a place for data, ours or that of commands that inherit it. (The
 * stdout of a kept handler is a pipe of ours.) */
#ifndef NATSQ_OUTPUT_H
#define NATSQ_OUTPUT_H

#include "error.h"

#include <stdbool.h>

#include <stdbool.h>

/* -1 (74): it is closed, or not open for writing. */
int output_check(struct error *error);

/* Whether `path` leads to standard output, as /dev/stdout does. */
bool output_is(const char *path);

/* Writes what is still buffered. -1 (74): some of what was printed could not be written. */
int output_end(struct error *error);

/* Whether nobody reads it any more: what a handler writes there fails, and no job is to blame. If
 * so, the program is stopped (74). From any thread. */
bool output_is_unread(void);

/* The same for a handler that has failed: its disk may be full as well. */
bool output_is_broken(void);

#endif
