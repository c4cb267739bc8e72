#include "verbs/verbs.h"

#include "archive/archive.h"
#include "base/atomic_file.h"
#include "base/stop.h"
#include "bulk/action_report.h"
#include "bulk/bulk_action.h"
#include "dlq.h"
#include "letters/originals.h"

#include <limits.h>
#include <stdlib.h>

struct export
{
    struct dlq *dlq;
    struct archive_writer writer;
    struct action_report report;
    struct letter_entry entries[READ_BATCH];
    struct stored_message originals[READ_BATCH];
    size_t n;
};

static int fetch_bodies(struct export *export, struct error *error)
{
    int result = originals_fetch(letter_entry_by_reference, export->entries, export->n,
                                 export->originals, export->dlq->requester, error);
    for (size_t i = 0; i < export->n && result == 0; i++)
        if (export->originals[i].stream && export->originals[i].result == STORED_UNKNOWN)
            result = error_set(error, EX_UNAVAILABLE, "cannot read a letter's body from %s",
                               export->originals[i].stream);
    return result;
}

static int write_batch(struct export *export, struct error *error)
{
    for (size_t i = 0; i < export->n; i++) {
        const struct letter_entry *entry = &export->entries[i];
        const struct stored_message *original = &export->originals[i];
        const struct job *body =
            original->result == STORED_THERE ? &original->job : &entry->message;
        if (archive_write(&export->writer, &entry->message, body, error) < 0)
            return -1;
        action_report_done(&export->report, entry);
    }
    return 0;
}

static int write_letters(struct export *export, struct letter_reader *reader, struct error *error)
{
    int result;
    do {
        action_report_reach(&export->report, letter_reader_read(reader));
        result = letter_reader_take(reader, export->entries, READ_BATCH, &export->n, error);
        if (result == 0)
            result = fetch_bodies(export, error);
        if (result == 0)
            result = write_batch(export, error);
        letter_entries_clear(export->entries, export->n);
        stored_messages_clear(export->originals, READ_BATCH);
    } while (result == 0 && export->n > 0);
    return result;
}

/* A stop leaves no file, since half of the letters would look like all of them. */
static int export_all(struct export *export, struct atomic_file *out, struct error *error)
{
    _cleanup_(cleanup_letter_reader) struct letter_reader *reader = NULL;
    const struct dlq_options *options = export->dlq->options;
    if (letter_reader_open(&reader, export->dlq, READ_WAITING | READ_HELD, error) < 0 ||
        action_report_follow(&export->report, reader, error) < 0 ||
        archive_begin(&export->writer, out->file, options->jsonl, error) < 0 ||
        write_letters(export, reader, error) < 0)
        return -1;
    if (!stop_requested() &&
        (archive_end(&export->writer, error) < 0 || atomic_file_commit(out, error) < 0))
        return -1;
    return action_report_end(&export->report, error) < 0 ? -1
                                                         : letter_reader_check_seqs(reader, error);
}

/* 0, and whether to overwrite a file of that name. 1: the answer was no. */
static int ask_to_overwrite(const struct dlq *dlq, bool *overwrite, struct error *error)
{
    const char *name = dlq->options->file;
    bool exists;
    *overwrite = dlq->options->yes;
    if (atomic_file_check(name, &exists, error) < 0)
        return -1;
    if (!exists || *overwrite || !dlq_options_can_ask())
        return 0;
    char question[PATH_MAX + 64];
    snprintf(question, sizeof question, "'%s' exists: overwrite it?", name);
    int asked = bulk_action_ask(dlq, question, error);
    *overwrite = asked == 0;
    return asked;
}

int verb_export(struct dlq *dlq, struct error *error)
{
    _cleanup_(atomic_file_close) struct atomic_file out = {0};
    _cleanup_(cleanup_free) struct export *export = calloc(1, sizeof *export);
    if (!export)
        return error_set(error, EX_OSERR, "out of memory");
    if (!dlq->options->file && !dlq->options->jsonl && isatty(STDOUT_FILENO))
        return error_set(error, EX_USAGE,
                         "an archive cannot be shown on a terminal: give a FILE, or --jsonl");
    bool overwrite;
    int asked = ask_to_overwrite(dlq, &overwrite, error);
    if (asked != 0)
        return asked;
    if (atomic_file_open(&out, dlq->options->file, overwrite, error) < 0)
        return -1;
    export->dlq = dlq;
    action_report_begin(&export->report, dlq, "exported", "");
    return export_all(export, &out, error);
}
