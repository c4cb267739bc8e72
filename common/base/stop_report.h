/* stop_report: the line that says what a stop waits for, and until when. */
#ifndef NATSQ_STOP_REPORT_H
#define NATSQ_STOP_REPORT_H

#include "base/log.h"

#include <stddef.h>
#include <stdint.h>

/* "stopping: 3 jobs run, waiting until 14:03:12Z (--grace 10s); …". `one` and `many` say what one
 * and what several do ("job runs", "jobs run"). Logs nothing when `n` is 0. */
void stop_report(const struct log *log, size_t n, const char *one, const char *many, int64_t grace);

#endif
