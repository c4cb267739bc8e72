#include "publish/report.h"

#include "base/buffer.h"
#include "base/clock.h"
#include "base/duration.h"
#include "base/log.h"
#include "base/program_name.h"
#include "publish/failed_file.h"
#include "source/source.h"

#include <inttypes.h>
#include <jansson.h>

/* Failures logged one by one; the rest are only counted, or they would flood the terminal. */
enum { FAILURES_LOGGED = 5 };

static const char *plural(uint64_t n)
{
    return n == 1 ? "" : "s";
}

static uint64_t not_confirmed(const struct report *report)
{
    return report->failed + report->bad_input;
}

void report_begin(struct report *report, const struct log *log, const struct source *source)
{
    *report = (struct report){.log = log, .source = source, .begin = clock_now()};
}

static void log_confirmed(const struct report *report, uint64_t number,
                          const struct puback *outcome)
{
    char text[SOURCE_LOCATION_MAX];
    if (report->source->confirm_each)
        log_info(report->log, "published %s", source_location(report->source, number, text));
    else if (report->log->level == LOG_LEVEL_DEBUG)
        log_debug(report->log, "published %s as stream sequence # %" PRIu64,
                  source_location(report->source, number, text), outcome->seq);
}

static void log_failure(const struct report *report, uint64_t number, const char *reason,
                        const char *details)
{
    char text[SOURCE_LOCATION_MAX];
    uint64_t n = not_confirmed(report);
    if (n <= FAILURES_LOGGED)
        log_warn(report->log, "%s: not published: %s%s%s",
                 source_location(report->source, number, text), reason, *details ? ": " : "",
                 details);
    else if (n == FAILURES_LOGGED + 1)
        log_warn(report->log, "more jobs fail; they are counted in the summary");
}

void report_job(struct report *report, uint64_t number, const struct puback *outcome)
{
    if (puback_confirms(outcome)) {
        report->confirmed++;
        report->duplicates += outcome->kind == PUBACK_DUPLICATE;
        log_confirmed(report, number, outcome);
    } else {
        report->failed++;
        report->refused += puback_is_final(outcome);
        if (outcome->kind == PUBACK_DENIED && report->failed_by[PUBACK_DENIED] == 0)
            snprintf(report->denied, sizeof report->denied, "%s", outcome->description);
        report->failed_by[outcome->kind]++;
        log_failure(report, number, puback_kind_text(outcome->kind), outcome->description);
    }
}

void report_bad_input(struct report *report, uint64_t number, const char *fault)
{
    report->bad_input++;
    log_failure(report, number, "bad input", fault);
}

static void add_reason(struct buffer *reasons, const char *reason, uint64_t n)
{
    if (n > 0)
        buffer_printf(reasons, "%s%s %" PRIu64, reasons->length ? ", " : " (", reason, n);
}

/* " (too large 2, full 1)" */
static void add_reasons(struct buffer *reasons, const struct report *report)
{
    for (int kind = 0; kind < REPORT_KINDS; kind++)
        add_reason(reasons, puback_kind_text((enum puback_kind)kind), report->failed_by[kind]);
    add_reason(reasons, "bad input", report->bad_input);
    if (reasons->length > 0)
        buffer_add_text(reasons, ")");
}

static void log_summary(const struct report *report)
{
    _cleanup_(buffer_release) struct buffer reasons = {0};
    double seconds = (double)(clock_now() - report->begin) / (double)DURATION_S;
    double rate = seconds > 0 ? (double)report->confirmed / seconds : 0;
    json_t *fields =
        json_pack("{s:I, s:I, s:I, s:I}", "confirmed", (json_int_t)report->confirmed, "duplicates",
                  (json_int_t)report->duplicates, "failed", (json_int_t)not_confirmed(report), "ms",
                  (json_int_t)(seconds * 1000));
    add_reasons(&reasons, report);
    log_event(report->log, (struct log_event){.level = LOG_LEVEL_INFO, .fields = fields},
              "confirmed %" PRIu64 ", duplicates %" PRIu64 ", failed %" PRIu64 "%.*s, %.1f s, "
              "%.*f jobs/s",
              report->confirmed, report->duplicates, not_confirmed(report), (int)reasons.length,
              reasons.bytes, seconds, rate < 100 ? 1 : 0, rate);
}

/* " (1 not sent, 265 not generated)" */
static void add_unsent(const struct report *report, const struct report_run *run,
                       struct error *error)
{
    bool has_unsent = report->unsent > 0 && (run->failed || run->remaining > 0);
    if (has_unsent)
        error_add(error, " (%" PRIu64 " not sent%s", report->unsent, run->remaining ? ", " : ")");
    if (run->remaining > 0)
        error_add(error, "%s%" PRIu64 " not generated)", has_unsent ? "" : " (", run->remaining);
}

/* How the user can publish the rest. */
static int add_advice(const struct report_run *run, struct error *error)
{
    const struct failed_file *failed = run->failed;
    if (!failed)
        return error_add(error,
                         ": run it again with --id-prefix %.300s, so that nothing is stored twice",
                         run->id_prefix);
    uint64_t n = failed_file_count(failed);
    return error_add(error, ": %.300s --jsonl %.300s sends the %" PRIu64 " job%s in it",
                     program_call("publisher"), failed_file_path(failed), n, plural(n));
}

static int unfinished(const struct report *report, const struct report_run *run,
                      struct error *error)
{
    uint64_t n = not_confirmed(report), all = n + report->confirmed,
             refused = report->refused + report->bad_input;
    error_set(error, EX_TEMPFAIL, "%s", "");
    if (n > 0)
        error_add(error, "%" PRIu64 " of %" PRIu64 " job%s not confirmed", n, all, plural(all));
    if (refused > 0)
        error_add(error, " (%" PRIu64 " refused for good)", refused);
    if (!run->reached_end) {
        error_add(error, "%sstopped before the end of the input", n > 0 ? ", and " : "");
        add_unsent(report, run, error);
    }
    return add_advice(run, error);
}

/* Another run would not confirm any more of them. */
static int only_refused(const struct report *report, const struct failed_file *failed,
                        struct error *error)
{
    uint64_t n = not_confirmed(report), all = n + report->confirmed;
    error_set(error, EX_DATAERR, "%" PRIu64 " of %" PRIu64 " job%s %s %s%s%s", n, all, plural(all),
              n == 1 ? "is" : "are", report->bad_input > 0 ? "bad input" : "",
              report->bad_input > 0 && report->failed > 0 ? " or " : "",
              report->failed > 0 ? "refused for good" : "");
    if (failed && failed_file_count(failed) > 0)
        error_add(error, "; %.300s holds %" PRIu64 " to be corrected", failed_file_path(failed),
                  failed_file_count(failed));
    return -1;
}

/* No stream accepted a job, and we were not allowed to look one up beforehand. */
static bool has_no_stream(const struct report *report, const struct report_run *run)
{
    return run->lookup_denied && report->confirmed == 0 && report->failed > 0 &&
           report->failed_by[PUBACK_NO_STREAM] == report->failed;
}

int report_end(struct report *report, const struct report_run *run, struct error *error)
{
    log_summary(report);
    if (report->failed_by[PUBACK_DENIED] > 0)
        return error_set(
            error, EX_NOPERM,
            "the server says that this user may not %s; %" PRIu64 " job%s confirmed before",
            report->denied, report->confirmed, report->confirmed == 1 ? " was" : "s were");
    if (has_no_stream(report, run))
        return error_set(error, EX_UNAVAILABLE,
                         "no stream has the subject of the jobs: create one with %s",
                         program_stream_maker());
    if (!run->reached_end || report->failed > report->refused)
        return unfinished(report, run, error);
    return not_confirmed(report) > 0 ? only_refused(report, run->failed, error) : 0;
}
