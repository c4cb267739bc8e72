#include "checkpoint/checkpoint.h"

#include "base/clock.h"
#include "base/duration.h"
#include "checkpoint/checkpoint_file.h"
#include "source/source.h"

#include <inttypes.h>
#include <string.h>

/* The most jobs from the first open one to the last one sent. More than any --window, so that one
 * job that is sent again does not stop the others immediately. */
enum { SPAN = 1 << 16 };

static const int64_t write_interval = DURATION_S;

/* A job from the position on. */
struct tracked {
    struct checkpoint_hash hash;
    uint32_t partial;      /* the record's length if it has no delimiter, else 0 */
    unsigned char outcome; /* enum checkpoint_outcome */
};

/* A record before the position that is sent again, because it was refused or has grown. */
struct resent {
    uint64_t number;
    struct checkpoint_hash old, now; /* `old` as in checkpoint_state_replace */
    uint64_t partial;
    bool grown;
};

struct checkpoint {
    const char *path;
    struct checkpoint_file *file;
    struct checkpoint_state state;
    struct checkpoint_state begin; /* as it was read; its prefix is not used */
    struct checkpoint_hash hash;   /* of this run's records before `begin`, without those refused */
    bool verified;                 /* the records match the checkpoint */
    struct tracked *tracked;       /* a ring buffer with SPAN entries */
    struct tracked current;        /* the record last passed to checkpoint_skip */
    uint64_t next;                 /* the first number that was not tracked yet */
    struct resent *resent;         /* those that are not settled yet */
    size_t n_resent;
    bool grown_open; /* the record that has grown is open: the position does not move */
    bool blocked;    /* a failed job keeps the position where it is */
    bool changed;    /* since it was written */
    int64_t written_at;
};

static int open_parts(struct checkpoint *checkpoint, const struct publisher_options *options,
                      const char *generated, struct error *error)
{
    const struct checkpoint_key key = {options->id_prefix, options->subject ? options->subject : "",
                                       publisher_sources[options->source]};
    struct checkpoint_state *state = &checkpoint->state;
    checkpoint->tracked = calloc(SPAN, sizeof *checkpoint->tracked);
    checkpoint->resent = calloc(CHECKPOINT_REFUSED_MOST + 1, sizeof *checkpoint->resent);
    if (!checkpoint->tracked || !checkpoint->resent)
        return error_set(error, EX_OSERR, "out of memory");
    if (checkpoint_file_open(&checkpoint->file, checkpoint->path, &key, state, error) < 0)
        return -1;
    if (!state->prefix)
        state->prefix = strdup(options->id_prefix ? options->id_prefix : generated);
    return state->prefix ? 0 : error_set(error, EX_OSERR, "out of memory");
}

static int refuse_input(const struct checkpoint *checkpoint, struct error *error)
{
    const char *hint = checkpoint->begin.n_refused > 0
                           ? "correct refused records in place, or remove the checkpoint"
                           : "remove it";
    return error_set(error, EX_CONFIG,
                     "the checkpoint '%.200s' belongs to another input: its first %" PRIu64
                     " jobs differ from this one's; %s to start from the beginning",
                     checkpoint->path, checkpoint->begin.position, hint);
}

/* The last record before the position had no delimiter when it was confirmed, and is longer now. */
static bool has_grown(const struct checkpoint_state *begin, const struct source_item *item)
{
    return begin->partial && item->number + 1 == begin->position &&
           item->raw_length > begin->partial;
}

static int check_records(const struct checkpoint *checkpoint, struct source *source,
                         struct error *error)
{
    const struct checkpoint_state *begin = &checkpoint->begin;
    struct checkpoint_hash hash = {0};
    struct source_item item;
    struct source_wait wait;
    int state;
    while ((state = source_next(source, &item, &wait, error)) == SOURCE_ITEM &&
           item.number < begin->position) {
        size_t length = has_grown(begin, &item) ? begin->partial : item.raw_length;
        const struct checkpoint_hash one = checkpoint_hash_of(item.number, item.raw, length);
        if (!checkpoint_state_find(begin, item.number))
            checkpoint_hash_add(&hash, &one);
    }
    if (state < 0)
        return -1;
    return checkpoint_hash_equal(&hash, &begin->hash) ? 0 : refuse_input(checkpoint, error);
}

/* Refused records are sent again before the records after them are compared, but a record that was
 * removed shifts all that follow. So the input is read twice, unless it is stdin. */
static int check_input(const struct checkpoint *checkpoint, const struct publisher_options *options,
                       struct error *error)
{
    _cleanup_(cleanup_source) struct source *source = NULL;
    for (size_t i = 0; i < options->n_files; i++)
        if (strcmp(options->files[i], "-") == 0)
            return 0;
    if (checkpoint->begin.n_refused == 0 || options->n_files == 0)
        return 0;
    if (source_open(&source, options, error) < 0)
        return -1;
    return source->total > 0 ? check_records(checkpoint, source, error) : 0;
}

int checkpoint_open(struct checkpoint **opened, const struct publisher_options *options,
                    const char *generated, struct error *error)
{
    _cleanup_(cleanup_checkpoint) struct checkpoint *checkpoint = calloc(1, sizeof *checkpoint);
    if (!checkpoint)
        return error_set(error, EX_OSERR, "out of memory");
    checkpoint->path = options->checkpoint;
    if (open_parts(checkpoint, options, generated, error) < 0 ||
        checkpoint_write(checkpoint, true, error) < 0)
        return -1;
    checkpoint->begin = checkpoint->state;
    checkpoint->next = checkpoint->state.position;
    if (check_input(checkpoint, options, error) < 0)
        return -1;
    *opened = take(checkpoint);
    return 0;
}

void checkpoint_close(struct checkpoint *checkpoint)
{
    if (!checkpoint)
        return;
    checkpoint_file_close(checkpoint->file);
    free(checkpoint->state.prefix);
    free(checkpoint->tracked);
    free(checkpoint->resent);
    free(checkpoint);
}

const char *checkpoint_prefix(const struct checkpoint *checkpoint)
{
    return checkpoint->state.prefix;
}

/* Whether the records before this one are those of the checkpoint. */
static int check_hash(const struct checkpoint *checkpoint, const struct checkpoint_hash *expected,
                      struct error *error)
{
    return checkpoint_hash_equal(&checkpoint->hash, expected) ? 0 : refuse_input(checkpoint, error);
}

static struct resent *add_resent(struct checkpoint *checkpoint, uint64_t number)
{
    struct resent *resent = &checkpoint->resent[checkpoint->n_resent++];
    *resent = (struct resent){
        .number = number, .now = checkpoint->current.hash, .partial = checkpoint->current.partial};
    return resent;
}

static int resend_grown(struct checkpoint *checkpoint, struct source_item *item,
                        struct error *error)
{
    const struct checkpoint_hash old =
        checkpoint_hash_of(item->number, item->raw, checkpoint->begin.partial);
    checkpoint_hash_add(&checkpoint->hash, &old);
    if (check_hash(checkpoint, &checkpoint->begin.hash, error) < 0)
        return -1;
    struct resent *resent = add_resent(checkpoint, item->number);
    resent->old = old;
    resent->grown = checkpoint->grown_open = item->grown = true;
    return 0;
}

static int skip_before(struct checkpoint *checkpoint, struct source_item *item, struct error *error)
{
    const struct checkpoint_state *begin = &checkpoint->begin;
    const struct checkpoint_refused *refused = checkpoint_state_find(begin, item->number);
    if (refused) {
        if (check_hash(checkpoint, &refused->before, error) < 0)
            return -1;
        add_resent(checkpoint, item->number);
        return 0;
    }
    if (has_grown(begin, item))
        return resend_grown(checkpoint, item, error);
    checkpoint_hash_add(&checkpoint->hash, &checkpoint->current.hash);
    return 1;
}

int checkpoint_skip(struct checkpoint *checkpoint, struct source_item *item, struct error *error)
{
    if (!checkpoint)
        return 0;
    checkpoint->current =
        (struct tracked){checkpoint_hash_of(item->number, item->raw, item->raw_length),
                         item->partial ? (uint32_t)item->raw_length : 0, CHECKPOINT_OPEN};
    if (item->number < checkpoint->begin.position)
        return skip_before(checkpoint, item, error);
    if (!checkpoint->verified && check_hash(checkpoint, &checkpoint->begin.hash, error) < 0)
        return -1;
    checkpoint->verified = true;
    return 0;
}

int checkpoint_check_end(const struct checkpoint *checkpoint, struct error *error)
{
    return !checkpoint || checkpoint->verified
               ? 0
               : check_hash(checkpoint, &checkpoint->begin.hash, error);
}

static struct tracked *tracked_of(const struct checkpoint *checkpoint, uint64_t number)
{
    return &checkpoint->tracked[number % SPAN];
}

/* Records that the source skips have numbers too. */
bool checkpoint_track(struct checkpoint *checkpoint, uint64_t number)
{
    if (!checkpoint || checkpoint->blocked || number < checkpoint->begin.position)
        return true;
    struct checkpoint_state *state = &checkpoint->state;
    if (checkpoint->next == state->position && !checkpoint->grown_open)
        checkpoint->next = state->position = number;
    if (number - state->position >= SPAN)
        return false;
    for (; checkpoint->next < number; checkpoint->next++)
        tracked_of(checkpoint, checkpoint->next)->outcome = CHECKPOINT_SKIPPED;
    *tracked_of(checkpoint, number) = checkpoint->current;
    checkpoint->next = number + 1;
    return true;
}

/* False: the job at the position blocks it. */
static bool move_past(struct checkpoint_state *state, const struct tracked *job)
{
    switch ((enum checkpoint_outcome)job->outcome) {
    case CHECKPOINT_SKIPPED:
        checkpoint_state_skip(state);
        return true;
    case CHECKPOINT_CONFIRMED:
        checkpoint_state_confirm(state, &job->hash, job->partial);
        return true;
    case CHECKPOINT_REFUSED:
        return checkpoint_state_refuse(state);
    case CHECKPOINT_OPEN:
    case CHECKPOINT_FAILED:
        break;
    }
    return false;
}

static void advance(struct checkpoint *checkpoint)
{
    struct checkpoint_state *state = &checkpoint->state;
    if (checkpoint->grown_open)
        return;
    while (state->position < checkpoint->next &&
           move_past(state, tracked_of(checkpoint, state->position)))
        checkpoint->changed = true;
    checkpoint->blocked = state->position < checkpoint->next &&
                          tracked_of(checkpoint, state->position)->outcome != CHECKPOINT_OPEN;
}

/* A grown record that fails blocks the position: the next run must find its shorter form. */
static void settle_resent(struct checkpoint *checkpoint, struct resent *resent, bool confirmed)
{
    if (confirmed) {
        checkpoint_state_replace(&checkpoint->state, resent->number, &resent->old, &resent->now,
                                 resent->partial);
        checkpoint->changed = true;
    }
    if (resent->grown) {
        checkpoint->grown_open = false;
        checkpoint->blocked = !confirmed;
    }
    *resent = checkpoint->resent[--checkpoint->n_resent];
}

/* Whether the record is before the position. */
static bool settle_before(struct checkpoint *checkpoint, uint64_t number, bool confirmed)
{
    for (size_t i = 0; i < checkpoint->n_resent; i++) {
        if (checkpoint->resent[i].number != number)
            continue;
        settle_resent(checkpoint, &checkpoint->resent[i], confirmed);
        return true;
    }
    return number < checkpoint->begin.position;
}

void checkpoint_settle(struct checkpoint *checkpoint, uint64_t number,
                       enum checkpoint_outcome outcome)
{
    if (!checkpoint)
        return;
    bool was_before = settle_before(checkpoint, number, outcome == CHECKPOINT_CONFIRMED);
    if (checkpoint->blocked || (!was_before && number < checkpoint->state.position))
        return;
    if (!was_before)
        tracked_of(checkpoint, number)->outcome = (unsigned char)outcome;
    advance(checkpoint);
}

int checkpoint_write(struct checkpoint *checkpoint, bool now, struct error *error)
{
    int64_t time = clock_coarse();
    if (!checkpoint ||
        (!now && (!checkpoint->changed || time - checkpoint->written_at < write_interval)))
        return 0;
    checkpoint->changed = false;
    checkpoint->written_at = time;
    return checkpoint_file_write(checkpoint->file, &checkpoint->state, error);
}
