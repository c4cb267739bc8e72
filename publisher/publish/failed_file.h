/* failed_file: the file of --failed: the jobs that were not confirmed, as --jsonl reads them.
 *
 * It is an outfile, so FILE may be the input of the same run. What a run that was
 * killed, or could not write on, has written is left as FILE.XXXXXX. */
#ifndef NATSQ_FAILED_FILE_H
#define NATSQ_FAILED_FILE_H

#include "base/cleanup.h"
#include "base/error.h"

#include <nats/nats.h>
#include <stddef.h>
#include <stdint.h>

struct failed_file;

/* -1 when it cannot be written: 78, or 74 for stdout. */
int failed_file_open(struct failed_file **opened, const char *path, struct error *error);
void failed_file_close(struct failed_file *failed);

/* A job. What goes wrong in these two is reported by failed_file_finish. */
void failed_file_add(struct failed_file *failed, natsMsg *message);

/* A line that is no job, as it stands in the input. */
void failed_file_add_line(struct failed_file *failed, const void *line, size_t length);

/* 0: all that were added are in FILE. -1: 78, or 74 for stdout. */
int failed_file_finish(struct failed_file *failed, struct error *error);

uint64_t failed_file_count(const struct failed_file *failed);
const char *failed_file_path(const struct failed_file *failed);

CLEANUP_DEFINE(struct failed_file *, cleanup_failed_file, failed_file_close)

#endif
