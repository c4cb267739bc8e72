/* failed_file: the file of --failed, with the jobs that were not confirmed, as --jsonl reads them.
 *
 * It is an atomic_file, so FILE may be the input of the same run. A run that is killed, or cannot
 * finish the file, leaves what it has written as FILE.XXXXXX. */
#ifndef NATSQ_FAILED_FILE_H
#define NATSQ_FAILED_FILE_H

#include "base/cleanup.h"
#include "base/error.h"

#include <nats/nats.h>
#include <stddef.h>
#include <stdint.h>

struct failed_file;

/* -1: it cannot be written (78), or stdout cannot (74). */
int failed_file_open(struct failed_file **opened, const char *path, struct error *error);
void failed_file_close(struct failed_file *failed);

/* Adds a job. failed_file_finish reports the errors of this and the next function. */
void failed_file_add(struct failed_file *failed, natsMsg *message);

/* Adds a line of the input that is not a job, unchanged. */
void failed_file_add_line(struct failed_file *failed, const void *line, size_t length);

/* 0: FILE holds all that were added. -1: 78, or 74 for stdout. */
int failed_file_finish(struct failed_file *failed, struct error *error);

uint64_t failed_file_count(const struct failed_file *failed);
const char *failed_file_path(const struct failed_file *failed);

CLEANUP_DEFINE(struct failed_file *, cleanup_failed_file, failed_file_close)

#endif
