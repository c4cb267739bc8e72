/* report: what became of each job, counted and said. */
#ifndef NATSQ_REPORT_H
#define NATSQ_REPORT_H

#include "base/log.h"
#include "nats/puback.h"
#include "publish/failed_file.h"
#include "source/source.h"

enum { REPORT_KINDS = PUBACK_REFUSED + 1 };

struct report {
    const struct log *log;
    const struct source *source;
    int64_t begin;                               /* of clock_now */
    uint64_t confirmed, duplicates, failed, bad; /* bad: input that is no job */
    uint64_t final;                              /* of the failed, those refused for good */
    uint64_t left;                               /* not sent after a stop; --failed has them */
    uint64_t failed_by[REPORT_KINDS];            /* by enum puback_kind */
    char denied[200];                            /* "publish to 'SUBJECT'", the first */
};

void report_begin(struct report *report, const struct log *log, const struct source *source);

/* A job is settled: confirmed, or given up for this reason. */
void report_job(struct report *report, uint64_t number, const struct puback *outcome);

/* A record of the input is no job, and why. */
void report_bad(struct report *report, uint64_t number, const char *fault);

/* What report_end says of the run. */
struct report_run {
    bool ended;                       /* the source came to its end */
    uint64_t unmade;                  /* jobs of --count that were not made */
    bool is_blind;                    /* nobody looked whether a stream has the subjects */
    const char *id_prefix;            /* with which another run stores nothing twice */
    const struct failed_file *failed; /* where the jobs are that were not confirmed, or NULL */
};

/* Logs the summary. 0 when all is well; else -1 (75, 77 when denied, 69 when no stream took any, 65
 * when nothing is left but bad input and jobs refused for good), with what to do. */
int report_end(struct report *report, const struct report_run *run, struct error *error);

#endif
