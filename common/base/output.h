/* output: standard output as a place for data, ours or that of commands that inherit it. (The
 * stdout of a kept handler is a pipe of ours.) */
#ifndef NATSQ_OUTPUT_H
#define NATSQ_OUTPUT_H

#include "base/error.h"

#include <stdbool.h>

#include <stdbool.h>

/* -1 (74): it is closed, or not open for writing. */
int output_check(struct error *error);

/* Whether `path` leads to standard output, as /dev/stdout does. */
bool output_is(const char *path);

/* Writes what is still buffered. -1 (74): some of what was printed could not be written. */
int output_end(struct error *error);

/* Whether its reader is gone, so that a handler's writes fail and no job is to blame. If so, stops
 * the program (74). From any thread. */
bool output_is_unread(void);

/* The same after a handler failed: its disk may also be full. */
bool output_is_broken(void);

#endif
