/* job_log: a tab-separated line for each settled attempt: time, seq, subject, attempt, verdict,
 * exit, milliseconds, worker. Each line is one append, so several workers may share a file. Where
 * the log is of JSON, it gets the same as an object. */
#ifndef NATSQ_JOB_LOG_H
#define NATSQ_JOB_LOG_H

#include "handler/attempt.h"
#include "handler/verdict.h"

struct job_log;

/* Makes the file with its header line if it is new or empty. NULL path: no file.
 * -1 (78) when it cannot be written. */
int job_log_open(struct job_log **opened, const char *path, struct error *error);
void job_log_close(struct job_log *job_log);

/* From any thread. */
void job_log_add(struct job_log *job_log, const struct attempt *attempt,
                 const struct verdict *verdict, const struct log *log);

CLEANUP_DEFINE(struct job_log *, cleanup_job_log, job_log_close)

#endif
