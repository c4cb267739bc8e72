/* output: standard output, to which this program or the commands that inherit it write data. (The
 * stdout of a coprocess is a pipe to this program.) */
#ifndef NATSQ_OUTPUT_H
#define NATSQ_OUTPUT_H

#include "base/error.h"

#include <stdbool.h>

/* -1 (74): stdout is closed or not open for writing. */
int output_check(struct error *error);

/* Whether `path` is the file that stdout writes to, as /dev/stdout is. */
bool output_is_path(const char *path);

/* Writes what is buffered. -1 (74): this or an earlier write failed. */
int output_flush(struct error *error);

/* Whether the reader of stdout is gone, so that every handler would fail regardless of its job. If
 * so, requests a stop (74). Any thread. */
bool output_is_unread(void);

/* The same, or the disk under stdout is full. For use after a handler failed. */
bool output_is_broken(void);

#endif
