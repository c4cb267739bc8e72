/* job_log: a tab-separated line for each settled attempt: time, seq, subject, attempt, verdict,
 * exit, milliseconds, worker, outcome (settlement_action_text: a verdict `retry` of the last
 * attempt has the outcome `dead`). Each line is one append, so several workers may share a file. If
 * the log is JSON, the same goes there as an object. */
#ifndef NATSQ_JOB_LOG_H
#define NATSQ_JOB_LOG_H

#include "handler/attempt.h"
#include "handler/verdict.h"
#include "settlement.h"

struct job_log;

/* Creates the file, and writes the header line to an empty one. `path` NULL: no file.
 * -1 (78): it cannot be written. */
int job_log_open(struct job_log **opened, const char *path, struct error *error);
void job_log_close(struct job_log *job_log);

/* Any thread. */
void job_log_add(struct job_log *job_log, const struct attempt *attempt,
                 const struct verdict *verdict, enum settlement_action action,
                 const struct log *log);

CLEANUP_DEFINE(struct job_log *, cleanup_job_log, job_log_close)

#endif
