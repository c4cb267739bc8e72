/* report: what became of each job, counted and said. */
#ifndef NATSQ_REPORT_H
#define NATSQ_REPORT_H

#include "log.h"
#include "puback.h"
#include "source.h"

enum { REPORT_KINDS = PUBACK_REFUSED + 1 };

struct report {
    const struct log *log;
    const struct source *source;
    int64_t begin; /* of duration_now */
    uint64_t confirmed, duplicates, failed;
    uint64_t failed_by[REPORT_KINDS]; /* by enum puback_kind */
};

void report_begin(struct report *report, const struct log *log, const struct source *source);

/* A job is settled: confirmed, or given up for this reason. */
void report_job(struct report *report, uint64_t number, const struct puback *outcome);

/* Says the summary. 0 when all is well; else -1 (75, or 77 when denied), with
 * what to do. `ended`: the source came to
 * its end. `id_prefix`: with which another run stores nothing twice. */
int report_end(struct report *report, bool ended, const char *id_prefix, struct error *error);

#endif
