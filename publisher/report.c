#include "report.h"

#include "duration.h"

#include <inttypes.h>

/* Failures said one by one; the rest are counted, or they would bury the terminal. */
enum { FAILURES_SAID = 5 };

void report_begin(struct report *report, const struct log *log, const struct source *source)
{
    *report = (struct report){.log = log, .source = source, .begin = duration_now()};
}

static void say_confirmed(const struct report *report, uint64_t number,
                          const struct puback *outcome)
{
    char place[SOURCE_PLACE_MAX];
    if (report->source->one_by_one)
        log_info(report->log, "published %s", source_place(report->source, number, place));
    else if (report->log->least == LOG_LEVEL_DEBUG)
        log_debug(report->log, "published %s as stream sequence # %" PRIu64,
                  source_place(report->source, number, place), outcome->seq);
}

static void say_failed(const struct report *report, uint64_t number, const struct puback *outcome)
{
    char place[SOURCE_PLACE_MAX];
    if (report->failed <= FAILURES_SAID)
        log_warn(report->log, "%s: not published: %s%s%s",
                 source_place(report->source, number, place), puback_kind_text(outcome->kind),
                 *outcome->description ? ": " : "", outcome->description);
    else if (report->failed == FAILURES_SAID + 1)
        log_warn(report->log, "more jobs fail; they are counted in the summary");
}

void report_job(struct report *report, uint64_t number, const struct puback *outcome)
{
    if (puback_confirms(outcome)) {
        report->confirmed++;
        report->duplicates += outcome->kind == PUBACK_DUPLICATE;
        say_confirmed(report, number, outcome);
    } else {
        report->failed++;
        report->failed_by[outcome->kind]++;
        say_failed(report, number, outcome);
    }
}

/* " (too large 2, full 1)" */
static const char *reasons(const struct report *report, char *text, size_t size)
{
    size_t used = 0;
    text[0] = '\0';
    for (int kind = 0; kind < REPORT_KINDS && used < size; kind++)
        if (report->failed_by[kind])
            used +=
                (size_t)snprintf(text + used, size - used, "%s%s %" PRIu64, used ? ", " : " (",
                                 puback_kind_text((enum puback_kind)kind), report->failed_by[kind]);
    if (used > 0 && used < size)
        snprintf(text + used, size - used, ")");
    return text;
}

static void say_summary(const struct report *report)
{
    char why[400];
    double seconds = (double)(duration_now() - report->begin) / (double)DURATION_S;
    double rate = seconds > 0 ? (double)report->confirmed / seconds : 0;
    log_info(report->log,
             "confirmed %" PRIu64 ", duplicates %" PRIu64 ", failed %" PRIu64 "%s, %.1f s, "
             "%.*f jobs/s",
             report->confirmed, report->duplicates, report->failed,
             reasons(report, why, sizeof why), seconds, rate < 100 ? 1 : 0, rate);
}

int report_end(struct report *report, bool ended, const char *id_prefix, struct error *error)
{
    say_summary(report);
    if (ended && report->failed == 0)
        return 0;
    if (report->failed_by[PUBACK_DENIED] > 0)
        return error_set(error, EX_NOPERM,
                         "this user may not publish to this subject, says the server; "
                         "%" PRIu64 " jobs were confirmed before",
                         report->confirmed);
    char failed[80] = "";
    if (report->failed > 0)
        snprintf(failed, sizeof failed, "%" PRIu64 " of %" PRIu64 " jobs not confirmed%s",
                 report->failed, report->failed + report->confirmed, ended ? "" : ", and ");
    return error_set(error, EX_TEMPFAIL, "%s%s: try again, with --id-prefix %s to store none twice",
                     failed, ended ? "" : "stopped before the end of the input", id_prefix);
}
