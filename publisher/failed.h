/* failed: the file of --failed: the jobs that were not confirmed, as --jsonl reads them.
 *
 * It is written beside FILE and takes its name at the end, so that FILE may be the input of this
 * very run and is never half of a file; only its owner can read it. After a kill the part is left
 * as FILE.<pid>.part. What is no regular file (a pipe, /dev/stdout) is written as it is. */
#ifndef NATSQ_FAILED_H
#define NATSQ_FAILED_H

#include "cleanup.h"
#include "error.h"

#include <stddef.h>
#include <stdint.h>

struct failed;

/* -1 when it cannot be written: 78, or 74 for stdout. */
int failed_open(struct failed **opened, const char *path, struct error *error);
void failed_close(struct failed *failed);

/* A job. What goes wrong in these two is reported by failed_finish. */
void failed_add(struct failed *failed, natsMsg *message);

/* A line that is no job, as it stands in the input. */
void failed_add_line(struct failed *failed, const void *line, size_t length);

/* 0: all that were added are in FILE. -1: 78. */
int failed_finish(struct failed *failed, struct error *error);

uint64_t failed_count(const struct failed *failed);
const char *failed_path(const struct failed *failed);

CLEANUP_DEFINE(struct failed *, cleanup_failed, failed_close)

#endif
