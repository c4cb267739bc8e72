#include "letters/letter_reader.h"

#include "base/stop.h"
#include "base/timestamp.h"
#include "dlq.h"
#include "letters/batch_size.h"
#include "letters/originals.h"
#include "letters/tty_progress.h"
#include "queue/stream.h"
#include "queue/stream_reader.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

struct letter_reader {
    struct dlq *dlq;
    unsigned left; /* states that are not begun yet */
    struct stream_reader *stream_reader;
    int64_t now;
    bool *found;            /* the ranges of the selection that selected a letter */
    unsigned states;        /* all that are read */
    uint64_t matched, read; /* letters */
    struct tty_progress progress;
    bool always_shows_progress;
};

int letter_reader_open(struct letter_reader **opened, struct dlq *dlq, unsigned states,
                       struct error *error)
{
    const struct selection *selection = &dlq->options->selection;
    _cleanup_(cleanup_letter_reader) struct letter_reader *reader = calloc(1, sizeof *reader);
    if (!reader || !(reader->found = calloc(selection->n_ranges + 1, sizeof *reader->found)))
        return error_set(error, EX_OSERR, "out of memory");
    reader->dlq = dlq;
    reader->now = timestamp_now();
    reader->always_shows_progress = states & READ_WITH_PROGRESS;
    tty_progress_begin(&reader->progress);
    reader->states = states & selection_states(selection);
    reader->left =
        reader->states & ((dlq->has_dead ? READ_WAITING : 0u) | (dlq->has_held ? READ_HELD : 0u));
    *opened = take(reader);
    return 0;
}

void letter_reader_close(struct letter_reader *reader)
{
    if (!reader)
        return;
    tty_progress_wipe(&reader->progress);
    stream_reader_close(reader->stream_reader);
    free(reader->found);
    free(reader);
}

/* Reads up to the stream's end as it is now, since letters may arrive faster than they are read. It
 * is looked up for each state, so that a letter that is held meanwhile is found among the held. */
static int open_stream_reader(struct letter_reader *reader, const char *filter, struct error *error)
{
    _cleanup_(json_decrefp) json_t *info = NULL;
    struct dlq *dlq = reader->dlq;
    int result = stream_look_up(dlq->connection, dlq->options->stream, false, &info, error);
    if (result == 0)
        result = stream_reader_open(&reader->stream_reader, dlq->connection, dlq->options->stream,
                                    filter, dlq->first_seq, error);
    if (result == 0)
        stream_reader_end_at(reader->stream_reader,
                             (uint64_t)stream_number(info, "state", "last_seq"));
    return result;
}

/* 1: a stop was requested. */
static int begin_state(struct letter_reader *reader, struct error *error)
{
    const struct dlq_options *options = reader->dlq->options;
    char filter[LETTER_SUBJECT_MAX];
    bool waiting = reader->left & READ_WAITING;
    letter_filter(waiting ? SUBJECT_DEAD : SUBJECT_HELD, options->origin,
                  options->selection.consumer, selection_only(&options->selection), filter);
    reader->left &= ~(waiting ? READ_WAITING : (unsigned)READ_HELD);
    return open_stream_reader(reader, filter, error);
}

void letter_entry_read(struct letter_entry *entry, struct job *message, const char *origin)
{
    *entry = (struct letter_entry){.message = *message};
    *message = (struct job){0};
    entry->state = letter_is_held(job_subject(&entry->message)) ? LETTER_HELD : LETTER_WAITING;
    entry->fault = letter_read_of(&entry->letter, &entry->message, origin);
    if (entry->fault)
        entry->letter = (struct letter){.origin = origin,
                                        .seq = entry->message.delivery.seq,
                                        .died_at = entry->message.delivery.stored_at,
                                        .reason = "unreadable"};
}

static void show_progress(struct letter_reader *reader)
{
    tty_progress_show(&reader->progress, "%" PRIu64 " letters read, %" PRIu64 " of them match",
                      ++reader->read, reader->matched);
}

static void count_match(struct letter_reader *reader)
{
    reader->matched++;
    if (!reader->always_shows_progress)
        tty_progress_restart(&reader->progress);
}

/* 0; 1: the letter is not selected; -1: its body cannot be read. Only --body needs the original of
 * a letter by reference: these are few, since they are nearly as large as a message may be. */
static int check_match(struct letter_reader *reader, struct letter_entry *entry,
                       struct error *error)
{
    const struct selection *selection = &reader->dlq->options->selection;
    struct selectable item = {&entry->letter, entry->state, &entry->message, &entry->message};
    struct stored_message original = {0};
    int result = 0;
    if (selection->body && entry->letter.by_reference) {
        result = originals_fetch(letter_entry_by_reference, entry, 1, &original,
                                 reader->dlq->requester, error);
        if (result == 0 && original.result == STORED_UNKNOWN)
            result = error_set(error, EX_UNAVAILABLE, "cannot read the body of # %" PRIu64,
                               entry->letter.seq);
        item.body = original.result == STORED_THERE ? &original.job : NULL;
    }
    if (result == 0)
        result = selection_matches(selection, &item, reader->now) ? 0 : 1;
    if (result == 0)
        selection_note(selection, &entry->letter, reader->found);
    stored_messages_clear(&original, 1);
    return result;
}

/* 0, 1 at the end of this state, -1. */
static int next_in_state(struct letter_reader *reader, struct letter_entry *entry,
                         struct error *error)
{
    for (;;) {
        struct job message = {0};
        int result = stream_reader_next(reader->stream_reader, &message, error);
        if (result != 0)
            return result;
        letter_entry_read(entry, &message, reader->dlq->options->origin);
        show_progress(reader);
        result = check_match(reader, entry, error);
        if (result == 0)
            return 0;
        letter_entry_clear(entry);
        if (result < 0)
            return -1;
    }
}

int letter_reader_next(struct letter_reader *reader, struct letter_entry *entry,
                       struct error *error)
{
    uint64_t limit = (uint64_t)reader->dlq->options->selection.limit;
    *entry = (struct letter_entry){0};
    while (limit == 0 || reader->matched < limit) {
        if (!reader->stream_reader && reader->left == 0)
            break;
        int begun = reader->stream_reader ? 0 : begin_state(reader, error);
        if (begun != 0)
            return begun;
        int result = next_in_state(reader, entry, error);
        if (result == 0)
            count_match(reader);
        if (result <= 0)
            return result;
        stream_reader_close(take(reader->stream_reader));
    }
    return 1;
}

int letter_reader_check_seqs(const struct letter_reader *reader, struct error *error)
{
    const struct selection *selection = &reader->dlq->options->selection;
    char missing[400];
    bool limited = selection->limit && reader->matched >= (uint64_t)selection->limit;
    if (stop_requested() || limited ||
        selection_missing(selection, reader->found, missing, sizeof missing) == 0)
        return 0;
    if (reader->states == READ_HELD)
        return error_set(error, EX_UNAVAILABLE, "no held letter matches %s (see `list`)", missing);
    return error_set(error, EX_UNAVAILABLE, "no letter in %s matches %s (see `list`)",
                     reader->dlq->options->stream, missing);
}

int letter_reader_take(struct letter_reader *reader, struct letter_entry *entries, size_t most,
                       size_t *n, struct error *error)
{
    size_t bytes = 0, length;
    for (*n = 0; *n < most && bytes < BATCH_BYTES; ++*n) {
        int result = letter_reader_next(reader, &entries[*n], error);
        if (result != 0)
            return result < 0 ? -1 : 0;
        job_body(&entries[*n].message, &length);
        bytes += length;
    }
    return 0;
}

void letter_entry_clear(struct letter_entry *entry)
{
    job_clear(&entry->message);
}

void letter_entries_clear(struct letter_entry *entries, size_t n)
{
    for (size_t i = 0; i < n; i++)
        letter_entry_clear(&entries[i]);
}

const struct letter *letter_entry_by_reference(void *entries, size_t i)
{
    const struct letter *letter = &((const struct letter_entry *)entries)[i].letter;
    return letter->by_reference ? letter : NULL;
}

const char *letter_entry_name(const struct letter_entry *entry, char name[24])
{
    snprintf(name, 24, "%s%" PRIu64, entry->fault ? "_" : "", entry->letter.seq);
    return name;
}

const char *letter_entry_state(const struct letter_entry *entry)
{
    return letter_state_name(entry->state);
}
