/* failed: the file of --failed: the jobs that were not confirmed, as --jsonl reads them.
 *
 * It is an outfile, so FILE may be the input of the same run. What a run that was
 * killed, or could not write on, has written is left as FILE.XXXXXX. */
#ifndef NATSQ_FAILED_H
#define NATSQ_FAILED_H

#include "base/cleanup.h"
#include "base/error.h"

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

/* 0: all that were added are in FILE. -1: 78, or 74 for stdout. */
int failed_finish(struct failed *failed, struct error *error);

uint64_t failed_count(const struct failed *failed);
const char *failed_path(const struct failed *failed);

CLEANUP_DEFINE(struct failed *, cleanup_failed, failed_close)

#endif
