#include "bulk/action_report.h"

#include "base/output.h"
#include "base/stop.h"
#include "dlq.h"
#include "tables/listing.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>

enum { LOGGED_MOST = 10 }; /* letters that are left are logged one by one, up to this */

void action_report_begin(struct action_report *report, const struct dlq *dlq, const char *did,
                         const char *already)
{
    *report = (struct action_report){.dlq = dlq, .did = did, .already = already};
    tty_progress_begin(&report->progress);
}

int action_report_follow(struct action_report *report, const struct letter_reader *reader,
                         struct error *error)
{
    const struct selection *selection = &report->dlq->options->selection;
    if (!report->progress.on_terminal || report->total > 0)
        return 0;
    if (letter_reader_count(reader, &report->of, error) < 0)
        return -1;
    if (selection_is_all(selection) && selection->limit && (uint64_t)selection->limit < report->of)
        report->of = (uint64_t)selection->limit;
    return 0;
}

static void print_record(const struct action_report *report, const struct letter_entry *entry,
                         const char *what, const char *why)
{
    if (!report->dlq->options->json)
        return;
    json_t *object = listing_identity_json(entry);
    json_object_set_new(object, "did", json_string(what));
    if (why)
        json_object_set_new(object, "why", listing_text_json(why));
    listing_print_json(object);
}

static uint64_t seen_by(const struct action_report *report)
{
    return report->done + report->found + report->differ + report->alive + report->left;
}

void action_report_reach(struct action_report *report, uint64_t at)
{
    report->at = at;
    report->seen = seen_by(report);
}

static void show_progress(struct action_report *report)
{
    char total[40] = "", found[64] = "", left[40] = "";
    uint64_t seen = seen_by(report);
    if (report->total)
        snprintf(total, sizeof total, " of %" PRIu64, report->total);
    if (report->found)
        snprintf(found, sizeof found, ", %" PRIu64 " %s", report->found, report->already);
    if (report->left)
        snprintf(left, sizeof left, ", %" PRIu64 " left", report->left);
    tty_progress_bar(&report->progress, report->total ? seen : report->at + seen - report->seen,
                     report->total ? report->total : report->of, "%" PRIu64 "%s %s%s%s",
                     report->done, total, report->did, found, left);
}

static void count(struct action_report *report, uint64_t *counter, const struct letter_entry *entry,
                  const char *what)
{
    ++*counter;
    print_record(report, entry, what, NULL);
    show_progress(report);
}

void action_report_done(struct action_report *report, const struct letter_entry *entry)
{
    count(report, &report->done, entry, report->did);
}

void action_report_already(struct action_report *report, const struct letter_entry *entry)
{
    count(report, &report->found, entry, report->already);
}

void action_report_alive(struct action_report *report, const struct letter_entry *entry)
{
    char name[24];
    tty_progress_wipe(&report->progress);
    if (++report->alive <= LOGGED_MOST)
        log_warn(report->dlq->log,
                 "# %s is alive again in %s and stays there: its letter is settled",
                 letter_entry_name(entry, name), report->dlq->options->origin);
    print_record(report, entry, "settled", "its job is alive again in the origin");
}

void action_report_left(struct action_report *report, const struct letter_entry *entry,
                        const char *format, ...)
{
    char why[400], name[24];
    va_list words;
    va_start(words, format);
    vsnprintf(why, sizeof why, format, words);
    va_end(words);
    tty_progress_wipe(&report->progress);
    if (++report->left <= LOGGED_MOST)
        log_warn(report->dlq->log, "# %s is left as it is: %s", letter_entry_name(entry, name),
                 why);
    if (report->left == LOGGED_MOST)
        log_warn(report->dlq->log, "more letters are left; they are only counted");
    print_record(report, entry, "left", why);
}

void action_report_differs(struct action_report *report, const struct letter_entry *entry)
{
    char name[24];
    tty_progress_wipe(&report->progress);
    if (++report->differ <= LOGGED_MOST)
        log_warn(report->dlq->log, "# %s is there already and differs: it is left as it is",
                 letter_entry_name(entry, name));
    print_record(report, entry, "left", "it is there already, and differs");
}

static bool keeps_record(const struct action_report *report)
{
    return report->dlq->options->json && !report->dlq->options->dry_run;
}

size_t action_report_batch(const struct action_report *report, size_t most)
{
    if (!keeps_record(report))
        return most;
    return !report->can_record ? 1 : most < READ_BATCH ? most : READ_BATCH;
}

int action_report_flush(struct action_report *report, struct error *error)
{
    if (!keeps_record(report))
        return 0;
    if (output_flush(error) < 0)
        return error_set(error, EX_IOERR,
                         "standard output cannot be written, and with --json it is the record of "
                         "what was done: stopped; run it again for the rest");
    report->can_record = seen_by(report) > 0;
    return 0;
}

int action_report_end(struct action_report *report, struct error *error)
{
    char found[64] = "", differ[80] = "", alive[64] = "", left[64] = "";
    tty_progress_wipe(&report->progress);
    if (report->found)
        snprintf(found, sizeof found, ", %" PRIu64 " %s", report->found, report->already);
    if (report->differ)
        snprintf(differ, sizeof differ, ", %" PRIu64 " there already, but different",
                 report->differ);
    if (report->alive)
        snprintf(alive, sizeof alive, ", %" PRIu64 " alive again", report->alive);
    if (report->left)
        snprintf(left, sizeof left, ", %" PRIu64 " left", report->left);
    log_info(report->dlq->log, "%" PRIu64 " %s%s%s%s%s", report->done, report->did, found, differ,
             alive, left);
    if (action_report_flush(report, error) < 0 || listing_end(error) < 0)
        return -1;
    if (report->left)
        return error_set(error, EX_TEMPFAIL, "%" PRIu64 " letter%s left: run it again",
                         report->left, report->left == 1 ? " is" : "s are");
    if (report->differ)
        return error_set(error, EX_TEMPFAIL,
                         "%" PRIu64 " there already, %s: --replace puts the archive's in %s place",
                         report->differ, report->differ == 1 ? "differs" : "differ",
                         report->differ == 1 ? "its" : "their");
    if (stop_requested())
        return error_set(error, EX_TEMPFAIL, "stopped before the end: run it again for the rest");
    return 0;
}
