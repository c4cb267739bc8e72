#include "verbs/verbs.h"

#include "base/duration.h"
#include "base/output.h"
#include "base/text.h"
#include "base/timestamp.h"
#include "dlq.h"
#include "letters/tty_progress.h"
#include "sweep/sweep.h"
#include "tables/listing.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

enum { OUTCOME_MAX = 300 };

static const char row_format[] = "%-8s %-16s %-16s %-20s %-14s %s\n";

static void print_swept_row(const struct swept *swept)
{
    const struct letter *letter = swept->letter;
    char seq[24], stored[TIMESTAMP_TEXT_MAX], shown[TEXT_MAX], outcome[OUTCOME_MAX];
    const char *why = swept->outcome == SWEEP_REFUSED ? swept->why : NULL;
    size_t length;
    const char *body = job_body(swept->job, &length);
    snprintf(seq, sizeof seq, "%" PRIu64, letter->seq);
    snprintf(outcome, sizeof outcome, "%s%s%s%s", sweep_outcome_text(swept->outcome),
             why ? " (" : "", why ? why : "", why ? ")" : "");
    printf(row_format, seq, letter->subject, letter->consumer,
           timestamp_format(letter->stored_at, 0, stored), outcome,
           text_escape(body, length < 40 ? length : 40, shown));
}

static void print_swept_json(const struct swept *swept)
{
    const struct letter *letter = swept->letter;
    char stored[TIMESTAMP_TEXT_MAX];
    json_t *object = json_pack("{s:I, s:s, s:s, s:s, s:s, s:s*}", "seq", (json_int_t)letter->seq,
                               "subject", letter->subject, "consumer", letter->consumer, "stored",
                               timestamp_format(letter->stored_at, 9, stored), "outcome",
                               sweep_outcome_text(swept->outcome), "why",
                               swept->outcome == SWEEP_REFUSED ? swept->why : NULL);
    listing_print_json(object);
}

struct sweep_table {
    const struct dlq *dlq;
    bool has_head, is_terminal;
    uint64_t rows, suspects; /* `suspects`: at the first look */
    struct tty_progress progress;
};

static void print_swept(void *closure, const struct swept *swept)
{
    struct sweep_table *table = closure;
    table->rows++;
    if (!table->is_terminal)
        tty_progress_bar(&table->progress, table->rows, table->suspects,
                         "%" PRIu64 " of %" PRIu64 " looked at again", table->rows,
                         table->suspects);
    if (table->dlq->options->json) {
        print_swept_json(swept);
        return;
    }
    if (!table->has_head)
        printf(row_format, "SEQ", "SUBJECT", "CONSUMER", "STORED", "OUTCOME", "BODY");
    table->has_head = true;
    print_swept_row(swept);
}

static const char *seem(size_t n)
{
    return n == 1 ? " seems" : "s seem";
}

static void show_suspects(void *closure, size_t suspects)
{
    struct sweep_table *table = closure;
    tty_progress_show(&table->progress, "%zu job%s dead", suspects, seem(suspects));
}

static void log_wait(void *closure, size_t suspects, int64_t ns)
{
    struct sweep_table *table = closure;
    char text[DURATION_TEXT_MAX];
    table->suspects = suspects;
    tty_progress_wipe(&table->progress);
    log_info(table->dlq->log, "%zu job%s dead: looking again in %s", suspects, seem(suspects),
             duration_format(ns, text));
}

/* If the record cannot be written, the sweep must stop, or nobody would know what it did. */
static int record(void *closure, struct error *error)
{
    (void)closure;
    return output_flush(error);
}

static int report_end(const struct dlq *dlq, const struct sweep_counts *counts, int result,
                      struct error *error)
{
    log_info(dlq->log, "%" PRIu64 " dead job%s without a letter%s", counts->dead,
             counts->dead == 1 ? "" : "s",
             dlq->options->dry_run ? " (dry run: nothing was done)" : "");
    sweep_warn_left_alone(dlq, counts);
    if (listing_end(error) < 0)
        return -1;
    if (result > 0)
        return error_set(error, EX_TEMPFAIL, "stopped before the end: sweep again for the rest");
    if (counts->refused > 0)
        return error_set(error, EX_TEMPFAIL,
                         "%" PRIu64 " letter%s not stored: see the table, and sweep again",
                         counts->refused, counts->refused == 1 ? " was" : "s were");
    return 0;
}

int verb_sweep(struct dlq *dlq, struct error *error)
{
    _cleanup_(cleanup_sweep) struct sweep *sweep = NULL;
    struct sweep_table table = {.dlq = dlq, .is_terminal = !listing_progress()};
    const struct sweep_callbacks callbacks = {.on_swept = print_swept,
                                              .on_wait = log_wait,
                                              .on_suspect = show_suspects,
                                              .on_batch = dlq->options->dry_run ? NULL : record,
                                              .closure = &table};
    struct sweep_counts counts;
    if (dlq_require(dlq, 1 << DLQ_DEAD, "sweep", error) < 0)
        return -1;
    if (sweep_open(&sweep, dlq, &callbacks, error) < 0)
        return -1;
    tty_progress_begin(&table.progress);
    int result = sweep_pass(sweep, &counts, error);
    tty_progress_wipe(&table.progress);
    return result < 0 ? -1 : report_end(dlq, &counts, result, error);
}
