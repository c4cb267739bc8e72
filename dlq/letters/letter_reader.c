#include "letters/letter_reader.h"

#include "base/clock.h"
#include "base/stop.h"
#include "base/timestamp.h"
#include "dlq.h"
#include "letters/announced_reader.h"
#include "letters/batch_size.h"
#include "letters/letter_body.h"
#include "letters/superseded.h"
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
    bool is_begun; /* `state` is being read */
    enum letter_state state;
    struct announced_reader *announced; /* kept: it knows which jobs it returned; or NULL */
    struct stream_reader *letters;      /* of `state` */
    struct superseded superseded;
    bool is_complete;
    int64_t now;
    bool *found;            /* the ranges of the selection that selected a letter */
    unsigned states;        /* all that are read */
    uint64_t matched, read; /* letters */
    uint64_t end, last; /* sequences in the DLQ stream: 0 or what was asked for, and what holds */
    int64_t pause_at;   /* 0: do not */
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
    reader->is_complete = true;
    reader->now = timestamp_now();
    reader->always_shows_progress = states & READ_WITH_PROGRESS;
    tty_progress_begin(&reader->progress);
    reader->states = states & selection_states(selection);
    reader->left =
        reader->states & ((dlq->has_advisories ? READ_ANNOUNCED : 0u) |
                          (dlq->has_dead ? READ_WAITING : 0u) | (dlq->has_held ? READ_HELD : 0u));
    *opened = take(reader);
    return 0;
}

void letter_reader_close(struct letter_reader *reader)
{
    if (!reader)
        return;
    tty_progress_wipe(&reader->progress);
    announced_reader_close(reader->announced);
    stream_reader_close(reader->letters);
    superseded_release(&reader->superseded);
    free(reader->found);
    free(reader);
}

static int open_letters(const struct dlq *dlq, enum letter_state state,
                        struct stream_reader **letters, struct error *error)
{
    const struct dlq_options *options = dlq->options;
    const struct selection *selection = &options->selection;
    char filter[LETTER_SUBJECT_MAX];
    /* With other consumers' letters, a SEQ is found that another selector leaves out. */
    const char *consumer = selection->n_ranges == 0 ? selection->consumer : NULL;
    letter_filter(state == LETTER_WAITING ? SUBJECT_DEAD : SUBJECT_HELD, options->origin, consumer,
                  selection_only(selection), filter);
    return stream_reader_open(letters, dlq->connection, options->stream, filter, dlq->first_seq,
                              error);
}

int letter_reader_count(const struct letter_reader *reader, uint64_t *n, struct error *error)
{
    *n = 0;
    for (enum letter_state state = LETTER_WAITING; state < LETTER_STATES; state++) {
        _cleanup_(cleanup_stream_reader) struct stream_reader *letters = NULL;
        uint64_t found;
        if (!(reader->left >> state & 1))
            continue;
        if (open_letters(reader->dlq, state, &letters, error) < 0 ||
            stream_reader_count(letters, &found, error) < 0)
            return -1;
        *n += found;
    }
    return 0;
}

uint64_t letter_reader_read(const struct letter_reader *reader)
{
    return reader->read;
}

/* Reads up to the stream's end as it is now, since letters may arrive faster than they are read. It
 * is looked up for each state, so that a job that is collected or a letter that is held meanwhile
 * is found in its new state. 1: a stop was requested. */
static int begin_state(struct letter_reader *reader, struct error *error)
{
    _cleanup_(json_decrefp) json_t *info = NULL;
    struct dlq *dlq = reader->dlq;
    for (reader->state = 0; !(reader->left >> reader->state & 1);)
        reader->state++;
    reader->left &= ~(1u << reader->state);
    int result = stream_look_up(dlq->connection, dlq->options->stream, false, &info, error);
    if (result != 0)
        return result;
    uint64_t last = (uint64_t)stream_number(info, "state", "last_seq");
    reader->last = reader->end && reader->end < last ? reader->end : last;
    result = reader->state == LETTER_ANNOUNCED
                 ? announced_reader_open(&reader->announced, dlq, reader->last, error)
                 : open_letters(dlq, reader->state, &reader->letters, error);
    if (result == 0 && reader->letters)
        stream_reader_end_at(reader->letters, reader->last);
    if (result == 0 && reader->state == LETTER_HELD)
        result = superseded_read(&reader->superseded, dlq, info, error);
    reader->is_begun = result == 0;
    return result;
}

static void end_state(struct letter_reader *reader)
{
    stream_reader_close(take(reader->letters));
    reader->is_begun = false;
}

static void show_progress(struct letter_reader *reader)
{
    reader->read++;
    tty_progress_show(&reader->progress, "%" PRIu64 " letter%s read, %" PRIu64 " of them match",
                      reader->read, reader->read == 1 ? "" : "s", reader->matched);
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
    selection_note(selection, &entry->letter, reader->found);
    if (selection->body)
        result = letter_body_find(reader->dlq->requester, &entry->letter, &entry->message,
                                  &original, &item.body, error);
    if (result == 0)
        result = selection_matches(selection, &item, reader->now) ? 0 : 1;
    stored_messages_clear(&original, 1);
    return result;
}

static void warn_incomplete(struct letter_reader *reader, const char *why)
{
    reader->is_complete = false;
    tty_progress_wipe(&reader->progress);
    log_warn(reader->dlq->log, "%s", why);
}

/* What may not be looked at does not keep the letters from being read. */
static int next_announced(struct letter_reader *reader, struct letter_entry *entry,
                          struct error *error)
{
    char why[ERROR_TEXT_MAX + 80];
    int result = announced_reader_next(reader->announced, entry, error);
    uint64_t undecided = announced_reader_undecided(reader->announced);
    if (result < 0 && error->exit_code == EX_NOPERM) {
        snprintf(why, sizeof why, "jobs that only an advisory names are not shown: %s",
                 error->text);
        warn_incomplete(reader, why);
        return 1;
    }
    if (result == 1 && undecided > 0 && !stop_requested()) {
        snprintf(why, sizeof why,
                 "%" PRIu64 " advisor%s not judged: the server did not answer in time", undecided,
                 undecided == 1 ? "y was" : "ies were");
        warn_incomplete(reader, why);
    }
    return result;
}

static int next_letter(struct letter_reader *reader, struct letter_entry *entry,
                       struct error *error)
{
    struct job message = {0};
    int result = stream_reader_next(reader->letters, &message, error);
    if (result == 0)
        letter_entry_read(entry, &message, reader->dlq->options->origin);
    return result;
}

/* A job that was returned as announced, and collected since, is not returned again. */
static bool is_repeated(const struct letter_reader *reader, const struct letter_entry *entry)
{
    return entry->state != LETTER_ANNOUNCED && reader->announced && !entry->fault &&
           announced_reader_returned(reader->announced, &entry->letter);
}

void letter_reader_end_at(struct letter_reader *reader, uint64_t seq)
{
    reader->end = seq;
}

uint64_t letter_reader_last(const struct letter_reader *reader)
{
    return reader->last;
}

void letter_reader_pause_at(struct letter_reader *reader, int64_t time)
{
    reader->pause_at = time;
}

static bool is_time_to_pause(struct letter_reader *reader)
{
    bool is_time = reader->pause_at && clock_now() >= reader->pause_at;
    if (is_time)
        reader->pause_at = 0;
    return is_time;
}

/* 0, 1 at the end of this state, 2 for a pause, -1. */
static int next_in_state(struct letter_reader *reader, struct letter_entry *entry,
                         struct error *error)
{
    for (;;) {
        int result = reader->state == LETTER_ANNOUNCED ? next_announced(reader, entry, error)
                                                       : next_letter(reader, entry, error);
        if (result != 0)
            return result;
        show_progress(reader);
        result = is_repeated(reader, entry) || superseded_has(&reader->superseded, &entry->message)
                     ? 1
                     : check_match(reader, entry, error);
        if (result == 0)
            return 0;
        letter_entry_clear(entry);
        if (result < 0)
            return -1;
        if (is_time_to_pause(reader))
            return 2;
    }
}

static int find_next(struct letter_reader *reader, struct letter_entry *entry, struct error *error)
{
    uint64_t limit = (uint64_t)reader->dlq->options->selection.limit;
    *entry = (struct letter_entry){0};
    while (limit == 0 || reader->matched < limit) {
        if (!reader->is_begun && reader->left == 0)
            break;
        int begun = reader->is_begun ? 0 : begin_state(reader, error);
        if (begun != 0)
            return begun;
        int result = next_in_state(reader, entry, error);
        if (result == 0)
            count_match(reader);
        if (result != 1)
            return result;
        end_state(reader);
    }
    return 1;
}

int letter_reader_next(struct letter_reader *reader, struct letter_entry *entry,
                       struct error *error)
{
    int result = find_next(reader, entry, error);
    if (result != 0) /* the caller may write to the terminal */
        tty_progress_wipe(&reader->progress);
    return result;
}

int letter_reader_check_seqs(const struct letter_reader *reader, struct error *error)
{
    const struct selection *selection = &reader->dlq->options->selection;
    char missing[400];
    bool limited = selection->limit && reader->matched >= (uint64_t)selection->limit;
    if (stop_requested() || limited ||
        selection_missing(selection, reader->found, missing, sizeof missing) == 0)
        return 0;
    return error_set(error, EX_UNAVAILABLE, "no such %sletter in %s: %s (see `list`%s)",
                     reader->states == READ_HELD ? "held " : "", reader->dlq->options->stream,
                     missing,
                     reader->states == (READ_WAITING | READ_HELD)
                         ? "; an announced job has none yet: `hold` first"
                         : "");
}

bool letter_reader_is_complete(const struct letter_reader *reader)
{
    return reader->is_complete;
}

int letter_reader_take(struct letter_reader *reader, struct letter_entry *entries, size_t most,
                       size_t *n, struct error *error)
{
    size_t bytes = 0;
    tty_progress_restart(&reader->progress); /* the caller may have waited */
    for (*n = 0; *n < most && bytes < BATCH_BYTES; ++*n) {
        int result = letter_reader_next(reader, &entries[*n], error);
        if (result != 0)
            return result < 0 ? -1 : 0;
        bytes += letter_entry_bytes(&entries[*n]);
    }
    return 0;
}
