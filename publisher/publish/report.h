/* report: counts the outcomes of jobs, logs them, and sums up the run. */
#ifndef NATSQ_REPORT_H
#define NATSQ_REPORT_H

#include "nats/puback.h"

struct failed_file;
struct log;
struct source;

enum { REPORT_KINDS = PUBACK_REFUSED + 1 };

struct report {
    const struct log *log;
    const struct source *source;
    int64_t begin; /* a time of clock_now */
    uint64_t confirmed, duplicates, failed;
    uint64_t refused;                 /* those of the failed jobs that were refused permanently */
    uint64_t bad_input;               /* records that are not jobs; not among the failed */
    uint64_t unsent;                  /* after a stop, but saved to the file of --failed */
    uint64_t failed_by[REPORT_KINDS]; /* by enum puback_kind */
    char denied[200];                 /* the first denial: "publish to 'SUBJECT'" */
};

void report_begin(struct report *report, const struct log *log, const struct source *source);

/* A job was confirmed, or given up for the reason in `outcome`. */
void report_job(struct report *report, uint64_t number, const struct puback *outcome);

/* A record of the input is not a job, and why. */
void report_bad_input(struct report *report, uint64_t number, const char *fault);

/* How the run ended. */
struct report_run {
    bool reached_end;                 /* the source was read to its end */
    bool lookup_denied;               /* whether a stream has the subjects was not looked up */
    uint64_t remaining;               /* jobs of --count that were not generated */
    const char *id_prefix;            /* a rerun with it stores nothing twice */
    const struct failed_file *failed; /* holds the jobs that were not confirmed; NULL: none does */
};

/* Logs the summary. 0: all is well. -1, with advice: some jobs are not confirmed (75); denied (77);
 * no stream accepted any (69); only bad input and jobs refused for good are left (65). */
int report_end(struct report *report, const struct report_run *run, struct error *error);

#endif
