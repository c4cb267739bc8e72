/* run_report: what `dlq run` says first and last: what it is connected to and what becomes of dead
 * jobs; how many it collected, decided and swept. */
#ifndef NATSQ_RUN_REPORT_H
#define NATSQ_RUN_REPORT_H

#include <stdatomic.h>
#include <stdint.h>

struct dlq;

/* Initialize it with zeros. Any thread. */
struct run_report {
    int64_t begin; /* monotonic ns */
    /* Advisories that became letters; letters of jobs that a COMMAND did; attempts of it that
     * failed; jobs put back; letters held; dead jobs that only a sweep found. */
    atomic_uint_fast64_t collected, done, failed, put_back, held, swept;
};

/* Logs the first line. */
void run_report_start(struct run_report *report, const struct dlq *dlq);

/* Logs the last line. */
void run_report_end(const struct run_report *report, const struct dlq *dlq);

#endif
