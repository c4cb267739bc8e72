#include "archive/archive_letters.h"

#include "base/stop.h"
#include "base/timestamp.h"
#include "dlq.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static const struct selection *selection_of(const struct archive_letters *letters)
{
    return &letters->dlq->options->selection;
}

/* From the beginning of the file. */
static int begin(struct archive_letters *letters, struct error *error)
{
    const char *name = letters->file == stdin ? "stdin" : letters->dlq->options->file;
    memset(letters->found, 0, selection_of(letters)->n_ranges * sizeof *letters->found);
    return archive_open(&letters->reader, letters->file, name, error);
}

int archive_letters_open(struct archive_letters *letters, const struct dlq *dlq,
                         struct error *error)
{
    const char *name = dlq->options->file;
    bool is_stdin = !name || strcmp(name, "-") == 0;
    letters->dlq = dlq;
    letters->found = calloc(selection_of(letters)->n_ranges + 1, sizeof *letters->found);
    if (!letters->found)
        return error_set(error, EX_OSERR, "out of memory");
    letters->file = is_stdin ? stdin : fopen(name, "re");
    if (!letters->file)
        return error_set(error, EX_NOINPUT, "cannot read '%s': %s", name, strerror(errno));
    return begin(letters, error);
}

void archive_letters_close(struct archive_letters *letters)
{
    archive_close(&letters->reader);
    if (letters->file && letters->file != stdin)
        fclose(letters->file);
    free(letters->found);
}

/* An archive has the bodies of letters by reference, too. */
static bool is_selected(struct archive_letters *letters, const struct letter_entry *entry)
{
    const struct selectable item = {&entry->letter, entry->state, &entry->message, &entry->message};
    selection_note(selection_of(letters), &entry->letter, letters->found);
    return selection_matches(selection_of(letters), &item, timestamp_now());
}

int archive_letters_next(struct archive_letters *letters, struct letter_entry *entry,
                         struct error *error)
{
    for (;;) {
        struct job message;
        int result = archive_read(&letters->reader, &message, error);
        if (result != 0)
            return result;
        letter_entry_read(entry, &message, letters->dlq->options->origin);
        if (is_selected(letters, entry))
            return 0;
        letter_entry_clear(entry);
    }
}

int archive_letters_summarize(struct archive_letters *letters, struct letter_summary *summary,
                              struct error *error)
{
    uint64_t at, size, limit = (uint64_t)selection_of(letters)->limit;
    struct letter_entry entry;
    struct error damage;
    if (!archive_letters_position(letters, &at, &size))
        return 0;
    while ((limit == 0 || summary->n < limit) && !stop_requested() &&
           archive_letters_next(letters, &entry, &damage) == 0) {
        letter_summary_add(summary, &entry.letter);
        letter_entry_clear(&entry);
    }
    archive_close(&letters->reader);
    letters->reader = (struct archive_reader){0};
    rewind(letters->file);
    return begin(letters, error);
}

int archive_letters_check_seqs(const struct archive_letters *letters, struct error *error)
{
    const struct selection *selection = selection_of(letters);
    char missing[400];
    if (selection->limit ||
        selection_missing(selection, letters->found, missing, sizeof missing) == 0)
        return 0;
    return error_set(error, EX_UNAVAILABLE, "no such letter in %s: %s", letters->reader.name,
                     missing);
}

void archive_letters_warn_without_end(const struct archive_letters *letters)
{
    const struct archive_reader *reader = &letters->reader;
    if (reader->jsonl && !reader->ended && selection_of(letters)->limit == 0)
        log_warn(letters->dlq->log,
                 "%s lacks the last line that marks it as complete: unless it is an extract, it is "
                 "cut off",
                 reader->name);
}

bool archive_letters_position(const struct archive_letters *letters, uint64_t *at, uint64_t *size)
{
    struct stat status;
    off_t offset = ftello(letters->file);
    if (offset < 0 || fstat(fileno(letters->file), &status) < 0 || !S_ISREG(status.st_mode))
        return false;
    *at = (uint64_t)offset;
    *size = (uint64_t)status.st_size;
    return true;
}
