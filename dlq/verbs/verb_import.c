#include "verbs/verbs.h"

#include "archive/archive_letters.h"
#include "archive/import_batch.h"
#include "base/stop.h"
#include "bulk/bulk_action.h"
#include "dlq.h"
#include "letter/letter_store.h"
#include "letters/batch_size.h"
#include "tables/letter_table.h"
#include "tables/listing.h"

#include <inttypes.h>
#include <stdlib.h>

struct import {
    struct dlq *dlq;
    struct archive_letters archive;
    struct action_report report;
    struct import_batch batch;
    struct letter_table *table; /* of a dry run */
};

/* 0; 1 at the end of the archive; -1: it is damaged there. */
static int read_batch(struct import *import, struct error *error)
{
    const struct selection *selection = &import->dlq->options->selection;
    size_t bytes = 0, length;
    while (import->batch.n < action_report_batch(&import->report, READ_BATCH) &&
           bytes < BATCH_BYTES) {
        struct letter_entry entry;
        if (selection->limit && import->report.done + import->report.found + import->batch.n >=
                                    (uint64_t)selection->limit)
            return 1;
        int result = archive_letters_next(&import->archive, &entry, error);
        if (result != 0)
            return result;
        job_body(&entry.message, &length);
        bytes += length;
        import_batch_add(&import->batch, &entry);
    }
    return 0;
}

static void show_letter(struct import *import, struct letter_entry *entry)
{
    if (import->dlq->options->json)
        listing_print_json(listing_letter_json(entry));
    else
        letter_table_add(import->table, entry);
}

static int show_batch(struct import *import, struct error *error)
{
    if (import_batch_look(&import->batch, error) < 0)
        return -1;
    for (size_t i = 0; i < import->batch.n; i++) {
        if (import->batch.items[i].settled)
            continue;
        show_letter(import, &import->batch.items[i].entry);
        import->report.done++;
    }
    return 0;
}

/* The whole letters of a damaged archive are imported before the damage is reported. */
static int import_all(struct import *import, struct error *error)
{
    struct error damage = {0}, ignored = {0};
    uint64_t at = 0;
    int read, result;
    do {
        (void)archive_letters_position(&import->archive, &at, &import->report.of);
        action_report_reach(&import->report, at);
        read = read_batch(import, &damage);
        result = import->batch.looks_only ? show_batch(import, error)
                                          : import_batch_store(&import->batch, error);
        import_batch_clear(&import->batch);
        if (result == 0)
            result = action_report_flush(&import->report, error);
    } while (read == 0 && result == 0 && !stop_requested());
    if (import->dlq->options->dry_run && !import->dlq->options->json)
        letter_table_end(import->table);
    int ended = action_report_end(&import->report, result < 0 || read < 0 ? &ignored : error);
    if (result == 0 && read < 0) {
        *error = damage;
        return -1;
    }
    if (read == 1)
        archive_letters_warn_without_end(&import->archive);
    if (result == 0 && ended == 0 && read == 1)
        return archive_letters_check_seqs(&import->archive, error);
    return result < 0 ? result : ended;
}

static int ask(struct import *import, struct error *error)
{
    struct letter_summary summary = {0};
    char what[40] = "the letters", question[400];
    if (import->dlq->options->dry_run || import->dlq->options->yes)
        return 0;
    if (archive_letters_summarize(&import->archive, &summary, error) < 0)
        return -1;
    if (summary.n > 0)
        snprintf(what, sizeof what, "%" PRIu64 " letter%s", summary.n, summary.n == 1 ? "" : "s");
    snprintf(question, sizeof question, "import %s of %.300s and hold %s?", what,
             import->archive.reader.name, summary.n == 1 ? "it" : "them");
    return bulk_action_ask_about(import->dlq, &summary, question, error);
}

static int import_from_archive(struct import *import, struct error *error)
{
    _cleanup_(cleanup_letter_store) struct letter_store *letters = NULL;
    const struct dlq *dlq = import->dlq;
    if (archive_letters_open(&import->archive, dlq, error) < 0)
        return -1;
    int asked = ask(import, error);
    if (asked != 0)
        return asked;
    if (letter_store_open(&letters, dlq->connection, dlq->options->stream, READ_BATCH, error) < 0)
        return -1;
    import->batch.letters = letters;
    action_report_begin(&import->report, dlq, dlq->options->dry_run ? "to import" : "imported",
                        "there already");
    return import_all(import, error);
}

int verb_import(struct dlq *dlq, struct error *error)
{
    _cleanup_(cleanup_free) struct import *import = calloc(1, sizeof *import);
    _cleanup_(cleanup_letter_table) struct letter_table *table = NULL;
    if (!import)
        return error_set(error, EX_OSERR, "out of memory");
    if (dlq_require(dlq, 1 << DLQ_HELD, "import", error) < 0 ||
        letter_table_open(&table, dlq, error) < 0)
        return -1;
    import->dlq = dlq;
    import->batch.dlq = dlq;
    import->batch.report = &import->report;
    import->batch.replace = dlq->options->replace;
    import->batch.looks_only = dlq->options->dry_run;
    import->table = table;
    int result = import_from_archive(import, error);
    archive_letters_close(&import->archive);
    return result;
}
