/* joblog: a tab-separated line for each settled attempt: time, seq, subject, attempt, verdict,
 * exit, milliseconds, worker. Each line is one append, so several workers may share a file. Where
 * the log is of JSON, it gets the same as an object. */
#ifndef NATSQ_JOBLOG_H
#define NATSQ_JOBLOG_H

#include "handler/attempt.h"
#include "handler/verdict.h"

struct joblog;

/* Makes the file with its header line if it is new or empty. NULL path: no file.
 * -1 (78) when it cannot be written. */
int joblog_open(struct joblog **opened, const char *path, struct error *error);
void joblog_close(struct joblog *joblog);

/* From any thread. */
void joblog_add(struct joblog *joblog, const struct attempt *attempt, const struct verdict *verdict,
                const struct log *log);

CLEANUP_DEFINE(struct joblog *, cleanup_joblog, joblog_close)

#endif
