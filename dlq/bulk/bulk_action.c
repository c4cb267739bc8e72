#include "bulk/bulk_action.h"

#include "base/prompt.h"
#include "base/stop.h"
#include "base/timestamp.h"
#include "dlq.h"
#include "letters/letter_counts.h"
#include "queue/stream.h"
#include "tables/letter_table.h"
#include "tables/listing.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

static int stopped(struct error *error)
{
    return error_set(error, EX_TEMPFAIL, "stopped before anything was done");
}

int bulk_action_ask(const struct dlq *dlq, const char *question, struct error *error)
{
    enum prompt_answer answer = dlq->options->yes ? PROMPT_YES : prompt_ask(question);
    if (answer == PROMPT_STOPPED)
        return stopped(error);
    if (answer == PROMPT_NO)
        log_info(dlq->log, "nothing was changed");
    return answer == PROMPT_YES ? 0 : 1;
}

int bulk_action_ask_about(const struct dlq *dlq, const struct letter_summary *summary,
                          const char *question, struct error *error)
{
    char text[SUMMARY_TEXT_MAX];
    if (!dlq->options->yes)
        fputs(letter_summary_text(summary, timestamp_now(), text), stderr);
    return bulk_action_ask(dlq, question, error);
}

static int ask(const struct dlq *dlq, const struct bulk_action *action,
               const struct letter_counts *counts, const struct letter_summary *summary,
               struct error *error)
{
    char question[180], letters[LETTER_COUNTS_TEXT_MAX];
    snprintf(question, sizeof question, "%s %s letter%s?", action->verb,
             letter_counts_text(counts, action->states, letters), summary->n == 1 ? "" : "s");
    return bulk_action_ask_about(dlq, summary, question, error);
}

/* Takes ownership of the entry. */
static void print_would(const struct dlq *dlq, const struct bulk_action *action,
                        struct letter_table *table, struct letter_entry *entry)
{
    if (!dlq->options->json) {
        letter_table_add(table, entry);
        return;
    }
    json_t *object = listing_letter_json(entry);
    json_object_set_new(object, "would", json_string(action->verb));
    listing_print_json(object);
    letter_entry_clear(entry);
}

static int dry_run(struct dlq *dlq, const struct bulk_action *action, struct error *error)
{
    _cleanup_(cleanup_letter_reader) struct letter_reader *reader = NULL;
    _cleanup_(cleanup_letter_table) struct letter_table *table = NULL;
    struct letter_entry entry;
    struct letter_counts counts = {0};
    char letters[LETTER_COUNTS_TEXT_MAX];
    if (letter_reader_open(&reader, dlq, action->states | listing_progress(), error) < 0)
        return -1;
    if (letter_table_open(&table, dlq, error) < 0)
        return -1;
    for (int result; (result = letter_reader_next(reader, &entry, error)) != 1;) {
        if (result < 0)
            return -1;
        letter_counts_add(&counts, &entry);
        print_would(dlq, action, table, &entry);
    }
    if (!dlq->options->json)
        letter_table_end(table);
    if (!stop_requested())
        log_info(dlq->log, "would %s %s letter%s", action->verb,
                 letter_counts_text(&counts, action->states, letters),
                 letter_counts_total(&counts) == 1 ? "" : "s");
    return listing_end_whole(error) < 0 ? -1 : letter_reader_check_seqs(reader, error);
}

/* Letters in another state are not acted on. */
static int warn_of_others(struct dlq *dlq, const struct bulk_action *action, struct error *error)
{
    char states[LETTER_COUNTS_TEXT_MAX];
    struct letter_counts counts;
    unsigned others = READ_ALL & ~action->states;
    if (letter_counts_read(&counts, dlq, others | READ_WITH_PROGRESS, error) < 0)
        return -1;
    uint64_t n = letter_counts_total(&counts);
    if (n > 0)
        log_warn(dlq->log, "%" PRIu64 " %s not held yet (%s): `run` decides %s, `hold` holds %s", n,
                 n == 1 ? "letter that matches is" : "letters that match are",
                 letter_counts_text(&counts, others, states), n == 1 ? "it" : "them",
                 n == 1 ? "it" : "them");
    return 0;
}

/* A SEQ that is not there is an error; a range may be empty, so that a command can be repeated.
 */
static int report_selection(struct dlq *dlq, const struct bulk_action *action,
                            const struct letter_reader *reader, bool acted, struct error *error)
{
    int missing = letter_reader_check_seqs(reader, error);
    struct error ignored = {0};
    if (acted && missing == 0)
        return 0;
    if (!acted && missing == 0)
        log_warn(dlq->log, "no held letter matches");
    return warn_of_others(dlq, action, missing < 0 ? &ignored : error) < 0 ? -1 : missing;
}

/* With the server gone, each of the batches that were read ahead would wait for it anew. */
static int check_server(const struct dlq *dlq, struct error *error)
{
    _cleanup_(json_decrefp) json_t *info = NULL;
    return stream_look_up(dlq->connection, dlq->options->stream, false, &info, error) < 0 ? -1 : 0;
}

static int act(struct dlq *dlq, const struct bulk_action *action, struct letter_reader *reader,
               struct action_report *report, struct error *error)
{
    _cleanup_(cleanup_free) struct letter_entry *entries = calloc(action->most, sizeof *entries);
    size_t n;
    int result;
    if (!entries)
        return error_set(error, EX_OSERR, "out of memory");
    do {
        uint64_t left = report->left, done = report->done;
        action_report_reach(report, letter_reader_read(reader));
        result = letter_reader_take(reader, entries, action_report_batch(report, action->most), &n,
                                    error);
        if (result == 0 && n > 0)
            result = action->batch(action->closure, entries, n, report, error);
        if (result == 0)
            result = action_report_flush(report, error);
        if (result == 0 && report->left > left && report->done == done)
            result = check_server(dlq, error);
        letter_entries_clear(entries, n);
    } while (result == 0 && n > 0 && !stop_requested());
    return result;
}

/* What a question was about. `reader`: NULL when none was asked. */
struct preview {
    struct letter_reader *reader;
    uint64_t letters;
};

/* Letters that arrived after the question was asked were not agreed to. */
static int act_and_report(struct dlq *dlq, const struct bulk_action *action,
                          const struct preview *preview, struct error *error)
{
    _cleanup_(cleanup_letter_reader) struct letter_reader *opened = NULL;
    const struct letter_reader *reader = preview->reader;
    bool is_nothing = reader && preview->letters == 0;
    struct action_report report;
    struct error ignored = {0};
    int result = 0;
    action_report_begin(&report, dlq, action->did, action->already);
    report.total = preview->letters;
    if (!is_nothing) {
        if (letter_reader_open(&opened, dlq, action->states, error) < 0)
            return -1;
        letter_reader_end_at(opened, reader ? letter_reader_last(reader) : 0);
        if (action_report_follow(&report, opened, error) < 0)
            return -1;
        reader = opened;
        result = act(dlq, action, opened, &report, error);
    }
    int ended = action_report_end(&report, result < 0 ? &ignored : error);
    if (result < 0 || ended < 0)
        return -1;
    bool acted = report.done + report.found + report.alive > 0;
    return report_selection(dlq, action, reader, acted, error);
}

/* A SEQ that selects nothing is named before the question. */
static int summarize(const struct dlq *dlq, struct letter_reader *reader,
                     struct letter_counts *counts, struct letter_summary *summary,
                     struct error *error)
{
    struct letter_entry entry;
    struct error missing = {0};
    for (int result; (result = letter_reader_next(reader, &entry, error)) != 1;) {
        if (result < 0)
            return -1;
        letter_counts_add(counts, &entry);
        letter_summary_add(summary, &entry.letter);
        letter_entry_clear(&entry);
    }
    if (stop_requested())
        return stopped(error);
    if (summary->n > 0 && letter_reader_check_seqs(reader, &missing) < 0)
        log_warn(dlq->log, "%s", missing.text);
    return 0;
}

static int prepare(struct dlq *dlq, const struct bulk_action *action, struct preview *preview,
                   struct error *error)
{
    struct letter_counts counts = {0};
    struct letter_summary summary = {0};
    if (dlq->options->dry_run)
        return dry_run(dlq, action, error) < 0 ? -1 : 1;
    if (dlq->options->yes)
        return 0;
    if (letter_reader_open(&preview->reader, dlq, action->states | READ_WITH_PROGRESS, error) < 0 ||
        summarize(dlq, preview->reader, &counts, &summary, error) < 0)
        return -1;
    preview->letters = summary.n;
    return summary.n == 0 ? 0 : ask(dlq, action, &counts, &summary, error);
}

int bulk_action_prepare(struct dlq *dlq, const struct bulk_action *action, struct error *error)
{
    struct preview preview = {0};
    int result = prepare(dlq, action, &preview, error);
    letter_reader_close(preview.reader);
    return result;
}

int bulk_action_run(struct dlq *dlq, const struct bulk_action *action, struct error *error)
{
    struct preview preview = {0};
    int result = prepare(dlq, action, &preview, error);
    if (result == 0)
        result = act_and_report(dlq, action, &preview, error);
    letter_reader_close(preview.reader);
    return result;
}
