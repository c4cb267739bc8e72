#include "letters/letter_reader.h"

#include "base/timestamp.h"
#include "letters/tty_progress.h"
#include "queue/stream.h"
#include "queue/stream_reader.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { BATCH_BYTES = 16 * 1024 * 1024 };

struct shelf {
    struct dlq *dlq;
    unsigned left; /* states that were not begun */
    struct browse *browse;
    int64_t now;
    uint64_t taken, looked;
    struct headway headway;
    bool watched;
};

int shelf_open(struct shelf **opened, struct dlq *dlq, unsigned states, struct error *error)
{
    struct shelf *shelf = calloc(1, sizeof *shelf);
    if (!shelf)
        return error_set(error, EX_OSERR, "out of memory");
    shelf->dlq = dlq;
    shelf->now = timestamp_now();
    shelf->watched = states & SHELF_WATCHED;
    headway_begin(&shelf->headway);
    shelf->left =
        states & ((dlq->has_dead ? SHELF_WAITING : 0u) | (dlq->has_held ? SHELF_HELD : 0u));
    *opened = shelf;
    return 0;
}

void shelf_close(struct shelf *shelf)
{
    headway_wipe(&shelf->headway);
    browse_close(shelf->browse);
    free(shelf);
}

/* What the subject itself can tell need not be read. */
static void write_filter(const struct dlq_options *options, const char *state, char *filter,
                         size_t size)
{
    const char *consumer = options->selection.consumer;
    uint64_t seq = selection_only(&options->selection);
    int used = snprintf(filter, size, "natsq.%s.%s.", state, options->origin);
    char *end = filter + used;
    size -= (size_t)used;
    if (seq)
        snprintf(end, size, "%s.%" PRIu64 ".*", consumer ? consumer : "*", seq);
    else if (consumer)
        snprintf(end, size, "%s.>", consumer);
    else
        snprintf(end, size, ">");
}

/* Up to the stream's end as it is now: letters may come faster than they are read. Asked for each
 * state, so that a letter that is held meanwhile is found among the held. */
static int browse_what_is_there(struct shelf *shelf, const char *filter, struct error *error)
{
    _cleanup_(cleanup_stream_info) jsStreamInfo *info = NULL;
    struct dlq *dlq = shelf->dlq;
    int result = stream_look_up(dlq->connection, dlq->options->stream, false, &info, error);
    if (result == 0)
        result = browse_open(&shelf->browse, dlq->connection, dlq->options->stream, filter,
                             dlq->first_seq, error);
    if (result == 0)
        browse_up_to(shelf->browse, info->State.LastSeq);
    return result;
}

static int begin(struct shelf *shelf, struct error *error)
{
    char filter[2 * LETTER_SUBJECT_MAX];
    bool waiting = shelf->left & SHELF_WAITING;
    write_filter(shelf->dlq->options, waiting ? LETTER_DEAD : LETTER_HELD, filter, sizeof filter);
    shelf->left &= ~(waiting ? SHELF_WAITING : (unsigned)SHELF_HELD);
    return browse_what_is_there(shelf, filter, error);
}

void entry_read(struct entry *entry, struct job *message, const char *origin)
{
    static const char held[] = "natsq." LETTER_HELD ".";
    *entry = (struct entry){.message = *message};
    *message = (struct job){0};
    entry->held = strncmp(job_subject(&entry->message), held, sizeof held - 1) == 0;
    entry->fault = letter_read_of(&entry->letter, &entry->message, origin);
    if (entry->fault)
        entry->letter = (struct letter){.origin = origin,
                                        .seq = entry->message.delivery.seq,
                                        .died_at = entry->message.delivery.stored_at,
                                        .reason = "unreadable"};
}

static void show_headway(struct shelf *shelf)
{
    headway_show(&shelf->headway, "%" PRIu64 " letters read, %" PRIu64 " of them chosen",
                 ++shelf->looked, shelf->taken);
}

static void found_one(struct shelf *shelf)
{
    shelf->taken++;
    if (!shelf->watched)
        headway_again(&shelf->headway);
}

/* 0, 1 at the end of this state, -1. */
static int next_in_state(struct shelf *shelf, struct entry *entry, struct error *error)
{
    const struct dlq_options *options = shelf->dlq->options;
    for (;;) {
        struct job message = {0};
        const char *subject;
        int result = browse_next(shelf->browse, &message, &subject, error);
        if (result != 0)
            return result;
        entry_read(entry, &message, options->origin);
        show_headway(shelf);
        if (selection_matches(&options->selection, &entry->letter, shelf->now))
            return 0;
        entry_clear(entry);
    }
}

int shelf_next(struct shelf *shelf, struct entry *entry, struct error *error)
{
    uint64_t limit = (uint64_t)shelf->dlq->options->selection.limit;
    *entry = (struct entry){0};
    while (limit == 0 || shelf->taken < limit) {
        if (!shelf->browse && shelf->left == 0)
            break;
        if (!shelf->browse && begin(shelf, error) < 0)
            return -1;
        int result = next_in_state(shelf, entry, error);
        if (result == 0)
            found_one(shelf);
        if (result <= 0)
            return result;
        browse_close(take(shelf->browse));
    }
    return 1;
}

int shelf_take(struct shelf *shelf, struct entry *entries, size_t most, size_t *n,
               struct error *error)
{
    size_t bytes = 0, length;
    for (*n = 0; *n < most && bytes < BATCH_BYTES; ++*n) {
        int result = shelf_next(shelf, &entries[*n], error);
        if (result != 0)
            return result < 0 ? -1 : 0;
        job_body(&entries[*n].message, &length);
        bytes += length;
    }
    return 0;
}

int shelf_count(struct dlq *dlq, unsigned states, uint64_t *n, struct error *error)
{
    _cleanup_(cleanup_shelf) struct shelf *shelf = NULL;
    struct entry entry;
    *n = 0;
    if (shelf_open(&shelf, dlq, states | SHELF_WATCHED, error) < 0)
        return -1;
    for (int result; (result = shelf_next(shelf, &entry, error)) != 1; ++*n) {
        if (result < 0)
            return -1;
        entry_clear(&entry);
    }
    return 0;
}

void entry_clear(struct entry *entry)
{
    job_clear(&entry->message);
}

void entries_clear(struct entry *entries, size_t n)
{
    for (size_t i = 0; i < n; i++)
        entry_clear(&entries[i]);
}

const char *entry_name(const struct entry *entry, char name[24])
{
    snprintf(name, 24, "%s%" PRIu64, entry->fault ? "_" : "", entry->letter.seq);
    return name;
}

const char *entry_state(const struct entry *entry)
{
    return entry->held ? "held" : "waiting";
}
