#include "letters/announced_reader.h"

#include "dlq.h"
#include "letters/announced_death.h"
#include "letters/batch_size.h"
#include "letters/job_set.h"
#include "letters/letter_lookup.h"
#include "queue/stream_reader.h"

#include <stdlib.h>
#include <string.h>

/* Its arrays run parallel. */
struct announced_reader {
    struct dlq *dlq;
    struct stream_reader *advisories;
    struct job_set returned;
    struct batch_size batch_size;
    uint64_t undecided;
    unsigned letter_states; /* those in which there were letters at the first batch */
    bool knows_states, is_at_end;
    /* The batch. */
    struct announced_death deaths[BATCH_MAX];
    struct stored_message originals[BATCH_MAX];
    struct letter letters[BATCH_MAX];       /* what the letter of each dead job would be */
    const struct letter *wanted[BATCH_MAX]; /* NULL: it is not dead */
    enum letter_found found[BATCH_MAX];
    size_t n, next;
};

/* The subject of an advisory ends with the consumer. */
static void advisory_filter(const struct dlq_options *options, char filter[DLQ_SUBJECT_MAX])
{
    dlq_subject(DLQ_ADVISORIES, options->origin, filter);
    size_t length = strlen(filter);
    if (options->selection.consumer)
        snprintf(filter + length - 1, DLQ_SUBJECT_MAX - length + 1, "%s",
                 options->selection.consumer);
}

int announced_reader_open(struct announced_reader **opened, struct dlq *dlq, uint64_t last,
                          struct error *error)
{
    char filter[DLQ_SUBJECT_MAX];
    _cleanup_(cleanup_announced_reader) struct announced_reader *reader = calloc(1, sizeof *reader);
    if (!reader)
        return error_set(error, EX_OSERR, "out of memory");
    reader->dlq = dlq;
    batch_size_begin(&reader->batch_size, BATCH_MAX);
    advisory_filter(dlq->options, filter);
    if (stream_reader_open(&reader->advisories, dlq->connection, dlq->options->stream, filter,
                           dlq->first_seq, error) < 0)
        return -1;
    stream_reader_end_at(reader->advisories, last);
    *opened = take(reader);
    return 0;
}

static void clear_batch(struct announced_reader *reader)
{
    stored_messages_clear(reader->originals, reader->n);
    reader->n = reader->next = 0;
}

void announced_reader_close(struct announced_reader *reader)
{
    if (!reader)
        return;
    clear_batch(reader);
    stream_reader_close(reader->advisories);
    job_set_release(&reader->returned);
    free(reader);
}

static bool may_match(const struct announced_reader *reader, const struct announced_death *death)
{
    return !death->fault &&
           selection_covers_seq(&reader->dlq->options->selection, death->advisory.seq);
}

/* An advisory that cannot be read names no job. */
static int read_batch(struct announced_reader *reader, struct error *error)
{
    while (reader->n < reader->batch_size.now && !reader->is_at_end) {
        struct announced_death *death = &reader->deaths[reader->n];
        struct job message = {0};
        int result = stream_reader_next(reader->advisories, &message, error);
        if (result < 0)
            return -1;
        reader->is_at_end = result == 1;
        if (result == 1)
            break;
        announced_death_read(death, &message, reader->dlq->options->origin);
        reader->n += may_match(reader, death);
        job_clear(&message);
    }
    return 0;
}

/* Reads the consumers first and the jobs after them. */
static int judge_batch(struct announced_reader *reader, struct error *error)
{
    struct requester *requester = reader->dlq->requester;
    const char *origin = reader->dlq->options->origin;
    if (announced_deaths_find_consumers(reader->deaths, reader->n, requester, origin, error) < 0 &&
        error->exit_code == EX_NOPERM)
        return -1;
    for (size_t i = 0; i < reader->n; i++)
        reader->originals[i] =
            (struct stored_message){.stream = origin, .seq = reader->deaths[i].advisory.seq};
    int result = stored_messages_fetch(requester, reader->originals, reader->n, error);
    for (size_t i = 0; i < reader->n; i++)
        announced_death_judge(&reader->deaths[i], &reader->originals[i]);
    batch_size_learn(&reader->batch_size, reader->n,
                     stored_messages_bytes(reader->originals, reader->n));
    return result;
}

/* A letter that is the first of its state, and stored later, is found by the caller instead
 * (announced_reader_returned). */
static int find_states(struct announced_reader *reader, struct error *error)
{
    const struct dlq_options *options = reader->dlq->options;
    if (!reader->knows_states &&
        letters_find_states(reader->dlq->requester, options->stream, options->origin,
                            &reader->letter_states, error) < 0)
        return -1;
    reader->knows_states = true;
    return 0;
}

/* After the jobs: one that is collected meanwhile has its letter by then. */
static int find_letters(struct announced_reader *reader, struct error *error)
{
    for (size_t i = 0; i < reader->n; i++) {
        reader->wanted[i] = NULL;
        if (reader->deaths[i].status != ADVISORY_JOB_DEAD)
            continue;
        reader->letters[i] = announced_death_letter(&reader->deaths[i]);
        reader->letters[i].origin = reader->dlq->options->origin;
        letter_about(&reader->letters[i], &reader->originals[i].job);
        reader->wanted[i] = &reader->letters[i];
    }
    if (find_states(reader, error) < 0)
        return -1;
    return letters_look_up_in(reader->letter_states, reader->dlq->requester,
                              reader->dlq->options->stream, reader->wanted, reader->n,
                              reader->found, error);
}

/* 0, 1 at the end, -1. */
static int next_batch(struct announced_reader *reader, struct error *error)
{
    clear_batch(reader);
    if (read_batch(reader, error) < 0)
        return -1;
    if (reader->n == 0)
        return reader->is_at_end;
    return judge_batch(reader, error) < 0 || find_letters(reader, error) < 0 ? -1 : 0;
}

static int fill_in(struct letter_entry *entry, struct announced_reader *reader, size_t i,
                   struct error *error)
{
    *entry = (struct letter_entry){.state = LETTER_ANNOUNCED, .letter = reader->letters[i]};
    entry->consumer = strdup(entry->letter.consumer);
    if (!entry->consumer)
        return error_set(error, EX_OSERR, "out of memory");
    entry->letter.consumer = entry->consumer;
    entry->message = reader->originals[i].job;
    reader->originals[i].job = (struct job){0};
    return 0;
}

/* 0: it is announced. 1: it is not, or was returned before. */
static int take_item(struct announced_reader *reader, size_t i, struct letter_entry *entry,
                     struct error *error)
{
    const struct letter *letter = &reader->letters[i];
    bool is_dead = reader->deaths[i].status == ADVISORY_JOB_DEAD;
    if (reader->deaths[i].status == ADVISORY_UNDECIDED ||
        (is_dead && reader->found[i] == LETTER_UNKNOWN))
        reader->undecided++;
    if (!is_dead || reader->found[i] != LETTER_NONE)
        return 1;
    int added = job_set_add(&reader->returned, letter->seq, letter->stored_at);
    if (added < 0)
        return error_set(error, EX_OSERR, "out of memory");
    return added == 1 ? 1 : fill_in(entry, reader, i, error);
}

int announced_reader_next(struct announced_reader *reader, struct letter_entry *entry,
                          struct error *error)
{
    for (;;) {
        int result = reader->next < reader->n ? 0 : next_batch(reader, error);
        if (result != 0)
            return result;
        while (reader->next < reader->n) {
            result = take_item(reader, reader->next++, entry, error);
            if (result <= 0)
                return result;
        }
    }
}

bool announced_reader_returned(const struct announced_reader *reader, const struct letter *letter)
{
    return job_set_has(&reader->returned, letter->seq, letter->stored_at);
}

uint64_t announced_reader_undecided(const struct announced_reader *reader)
{
    return reader->undecided;
}
