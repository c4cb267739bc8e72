/* job_name: how a log line names a job: by its body, as in basic usage, or by its sequence and id
 * where bodies are not to be logged (--log-body). Pure. */
#ifndef NATSQ_JOB_NAME_H
#define NATSQ_JOB_NAME_H

#include "handler/handler_options.h"
#include "queue/job.h"

struct job_name {
    char text[TEXT_MAX + 40]; /* "order-3", or "# 12 (id)"; for the place of the body */
    char seq[32];             /* " (# 12)", or "" where `text` has it */
    char end[32];             /* the same for the end of a line of basic usage, which has it only
                                 with a COMMAND */
};

/* `job` has the body and the headers; `seq` is that in the origin. Returns `name`. */
const struct job_name *job_name(struct job_name *name, const struct handler_options *options,
                                const struct job *job, uint64_t seq);

#endif
