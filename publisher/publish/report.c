#include "publish/report.h"

#include "base/clock.h"
#include "base/duration.h"

#include <inttypes.h>

/* Failures said one by one; the rest are counted, or they would bury the terminal. */
enum { FAILURES_SAID = 5, ADVICE_MAX = 400, STOPPED_MAX = 120 };

static const char *plural(uint64_t n)
{
    return n == 1 ? "" : "s";
}

void report_begin(struct report *report, const struct log *log, const struct source *source)
{
    *report = (struct report){.log = log, .source = source, .begin = clock_now()};
}

static void say_confirmed(const struct report *report, uint64_t number,
                          const struct puback *outcome)
{
    char text[SOURCE_LOCATION_MAX];
    if (report->source->confirm_each)
        log_info(report->log, "published %s", source_location(report->source, number, text));
    else if (report->log->least == LOG_LEVEL_DEBUG)
        log_debug(report->log, "published %s as stream sequence # %" PRIu64,
                  source_location(report->source, number, text), outcome->seq);
}

static void say_fault(const struct report *report, uint64_t number, const char *words,
                      const char *more)
{
    char text[SOURCE_LOCATION_MAX];
    uint64_t said = report->failed + report->bad;
    if (said <= FAILURES_SAID)
        log_warn(report->log, "%s: not published: %s%s%s",
                 source_location(report->source, number, text), words, *more ? ": " : "", more);
    else if (said == FAILURES_SAID + 1)
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
        report->final += puback_is_final(outcome);
        if (outcome->kind == PUBACK_DENIED && report->failed_by[PUBACK_DENIED] == 0)
            snprintf(report->denied, sizeof report->denied, "%s", outcome->description);
        report->failed_by[outcome->kind]++;
        say_fault(report, number, puback_kind_text(outcome->kind), outcome->description);
    }
}

void report_bad(struct report *report, uint64_t number, const char *fault)
{
    report->bad++;
    say_fault(report, number, "bad input", fault);
}

static size_t add_reason(char *text, size_t size, size_t used, const char *reason, uint64_t n)
{
    if (n == 0 || used >= size)
        return used;
    return used + (size_t)snprintf(text + used, size - used, "%s%s %" PRIu64, used ? ", " : " (",
                                   reason, n);
}

/* " (too large 2, full 1)" */
static const char *reasons(const struct report *report, char *text, size_t size)
{
    size_t used = 0;
    text[0] = '\0';
    for (int kind = 0; kind < REPORT_KINDS; kind++)
        used = add_reason(text, size, used, puback_kind_text((enum puback_kind)kind),
                          report->failed_by[kind]);
    used = add_reason(text, size, used, "bad input", report->bad);
    if (used > 0 && used < size)
        snprintf(text + used, size - used, ")");
    return text;
}

static void say_summary(const struct report *report)
{
    char why[400];
    double seconds = (double)(clock_now() - report->begin) / (double)DURATION_S;
    double rate = seconds > 0 ? (double)report->confirmed / seconds : 0;
    log_info(report->log,
             "confirmed %" PRIu64 ", duplicates %" PRIu64 ", failed %" PRIu64 "%s, %.1f s, "
             "%.*f jobs/s",
             report->confirmed, report->duplicates, report->failed + report->bad,
             reasons(report, why, sizeof why), seconds, rate < 100 ? 1 : 0, rate);
}

/* What the user can do about it. */
static const char *advice(const char *id_prefix, const struct failed_file *failed,
                          char text[ADVICE_MAX])
{
    if (failed)
        snprintf(text, ADVICE_MAX, "publisher --jsonl %.300s sends the %" PRIu64 " job%s in it",
                 failed_path(failed), failed_count(failed), plural(failed_count(failed)));
    else
        snprintf(text, ADVICE_MAX,
                 "run it again with --id-prefix %.300s, so that nothing is stored twice",
                 id_prefix);
    return text;
}

/* "stopped before the end of the input (1 job not sent, 265 never made)" */
static const char *stopped(const struct report *report, const struct report_run *run,
                           char text[STOPPED_MAX])
{
    char left[40] = "", unmade[40] = "";
    bool has_left = report->left > 0 && (run->failed || run->unmade > 0);
    bool both = has_left && run->unmade > 0;
    if (has_left)
        snprintf(left, sizeof left, "%" PRIu64 " not sent", report->left);
    if (run->unmade > 0)
        snprintf(unmade, sizeof unmade, "%" PRIu64 " never made", run->unmade);
    bool any = has_left || run->unmade > 0;
    snprintf(text, STOPPED_MAX, "stopped before the end of the input%s%s%s%s%s", any ? " (" : "",
             left, both ? ", " : "", unmade, any ? ")" : "");
    return text;
}

static int unfinished(const struct report *report, const struct report_run *run, const char *what,
                      struct error *error)
{
    char failed[120] = "", end[STOPPED_MAX] = "";
    uint64_t n = report->failed + report->bad, final = report->final + report->bad;
    int used = 0;
    if (n > 0)
        used = snprintf(failed, sizeof failed, "%" PRIu64 " of %" PRIu64 " job%s not confirmed", n,
                        n + report->confirmed, plural(n + report->confirmed));
    if (final > 0)
        used += snprintf(failed + used, sizeof failed - (size_t)used,
                         " (%" PRIu64 " refused for good)", final);
    if (n > 0 && !run->ended)
        snprintf(failed + used, sizeof failed - (size_t)used, ", and ");
    return error_set(error, EX_TEMPFAIL, "%s%s: %s", failed,
                     run->ended ? "" : stopped(report, run, end), what);
}

/* Another run would not get anything more through. */
static int refused(const struct report *report, const struct failed_file *failed,
                   struct error *error)
{
    char where[ADVICE_MAX] = "";
    uint64_t n = report->failed + report->bad;
    if (failed && failed_count(failed) > 0)
        snprintf(where, sizeof where, "; %.300s holds %" PRIu64 " to be corrected",
                 failed_path(failed), failed_count(failed));
    return error_set(error, EX_DATAERR, "%" PRIu64 " of %" PRIu64 " job%s %s %s%s%s%s", n,
                     n + report->confirmed, plural(n + report->confirmed), n == 1 ? "is" : "are",
                     report->bad > 0 ? "bad input" : "",
                     report->bad > 0 && report->failed > 0 ? " or " : "",
                     report->failed > 0 ? "refused for good" : "", where);
}

/* No job found a stream, and we could not check before whether there is one. */
static bool has_no_stream(const struct report *report, const struct report_run *run)
{
    return run->is_blind && report->confirmed == 0 && report->failed > 0 &&
           report->failed_by[PUBACK_NO_STREAM] == report->failed;
}

int report_end(struct report *report, const struct report_run *run, struct error *error)
{
    char what[ADVICE_MAX];
    say_summary(report);
    if (report->failed_by[PUBACK_DENIED] > 0)
        return error_set(
            error, EX_NOPERM,
            "the server says that this user may not %s; %" PRIu64 " job%s confirmed before",
            report->denied, report->confirmed, report->confirmed == 1 ? " was" : "s were");
    if (has_no_stream(report, run))
        return error_set(error, EX_UNAVAILABLE,
                         "no stream has the subject of the jobs: create one with "
                         "scripts/create-streams ORIGIN SUBJECTS");
    if (!run->ended || report->failed > report->final)
        return unfinished(report, run, advice(run->id_prefix, run->failed, what), error);
    return report->failed + report->bad > 0 ? refused(report, run->failed, error) : 0;
}
