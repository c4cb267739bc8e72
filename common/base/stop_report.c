#include "base/stop_report.h"

#include "base/duration.h"
#include "base/timestamp.h"

#include <jansson.h>
#include <string.h>

/* "14:03:12Z": the rest of a log line has the date. */
static const char *time_of_day(int64_t ns, char text[TIMESTAMP_TEXT_MAX])
{
    return strchr(timestamp_format(ns, 0, text), 'T') + 1;
}

void stop_report(const struct log *log, size_t n, const char *one, const char *many, int64_t grace)
{
    char shown[TIMESTAMP_TEXT_MAX], until[TIMESTAMP_TEXT_MAX], limit[DURATION_TEXT_MAX];
    int64_t end = timestamp_now() + grace;
    if (n == 0)
        return;
    json_t *fields = json_pack("{s:I, s:s}", "waiting_for", (json_int_t)n, "until",
                               timestamp_format(end, 3, until));
    log_event(log, (struct log_event){.level = LOG_LEVEL_INFO, .fields = fields},
              "stopping: %zu %s, waiting for %s until %s (--grace %s); a second Ctrl-C or SIGTERM "
              "ends the program immediately",
              n, n == 1 ? one : many, n == 1 ? "it" : "them", time_of_day(end, shown),
              duration_format(grace, limit));
}
