#include "checkpoint/checkpoint.h"

#include "base/clock.h"
#include "base/duration.h"
#include "checkpoint/checkpoint_file.h"

#include <inttypes.h>
#include <string.h>

/* Jobs between the first that is not settled and the last that was sent. More than any window, so
 * that one job that is tried again does not hold the others at once. */
enum { SPAN = 1 << 16 };

static const int64_t write_every = DURATION_S;

enum mark_state { OPEN, CONFIRMED, REFUSED, FAILED, LEFT_OUT };

/* A job from the position on. */
struct mark {
    struct checkpoint_hash hash;
    uint32_t partial; /* its length if nothing delimited it, else 0 */
    unsigned char state;
};

/* A record before the position that is sent again because it was refused or has grown. */
struct again {
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
    struct checkpoint_hash hash; /* of the records of this run before `begin`, but those refused */
    bool verified;               /* that these are the ones of the checkpoint */
    struct mark *marks;          /* a ring */
    struct mark now;             /* of the record that was passed last */
    uint64_t next;               /* records from here on were not seen */
    struct again *agains;        /* that are not settled */
    size_t n_agains;
    bool grows;   /* the record that has grown is not settled: the position stays before it is */
    bool held;    /* by a job at the position that failed */
    bool changed; /* since it was written */
    int64_t written_at;
};

static int open_parts(struct checkpoint *checkpoint, const struct publisher_options *options,
                      const char *made_up, struct error *error)
{
    const struct checkpoint_key key = {options->id_prefix, options->subject ? options->subject : "",
                                       publisher_sources[options->source]};
    struct checkpoint_state *state = &checkpoint->state;
    checkpoint->marks = calloc(SPAN, sizeof *checkpoint->marks);
    checkpoint->agains = calloc(CHECKPOINT_REFUSED_MOST + 1, sizeof *checkpoint->agains);
    if (!checkpoint->marks || !checkpoint->agains)
        return error_set(error, EX_OSERR, "out of memory");
    if (checkpoint_file_open(&checkpoint->file, checkpoint->path, &key, state, error) < 0)
        return -1;
    if (!state->prefix)
        state->prefix = strdup(options->id_prefix ? options->id_prefix : made_up);
    return state->prefix ? 0 : error_set(error, EX_OSERR, "out of memory");
}

static int another_input(const struct checkpoint *checkpoint, struct error *error)
{
    const char *hint = checkpoint->begin.n_refused > 0
                           ? "correct what was refused in its place, or remove the checkpoint"
                           : "remove it";
    return error_set(error, EX_CONFIG,
                     "the checkpoint '%.200s' is of another input: its first %" PRIu64
                     " jobs are not those of this one; %s to begin anew",
                     checkpoint->path, checkpoint->begin.position, hint);
}

/* The last record before the position was confirmed as it was when the input ended within it; now
 * it is longer. */
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
    return checkpoint_hash_equal(&hash, &begin->hash) ? 0 : another_input(checkpoint, error);
}

/* Refused records are sent again before the ones after them were compared, and a removed record
 * shifts all that follow. So the input is read twice where that is possible; stdin is not. */
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
                    const char *made_up, struct error *error)
{
    _cleanup_(cleanup_checkpoint) struct checkpoint *checkpoint = calloc(1, sizeof *checkpoint);
    if (!checkpoint)
        return error_set(error, EX_OSERR, "out of memory");
    checkpoint->path = options->checkpoint;
    if (open_parts(checkpoint, options, made_up, error) < 0 ||
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
    free(checkpoint->marks);
    free(checkpoint->agains);
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
    return checkpoint_hash_equal(&checkpoint->hash, expected) ? 0
                                                              : another_input(checkpoint, error);
}

static struct again *add_again(struct checkpoint *checkpoint, uint64_t number)
{
    struct again *again = &checkpoint->agains[checkpoint->n_agains++];
    *again = (struct again){
        .number = number, .now = checkpoint->now.hash, .partial = checkpoint->now.partial};
    return again;
}

static int pass_grown(struct checkpoint *checkpoint, struct source_item *item, struct error *error)
{
    const struct checkpoint_hash old =
        checkpoint_hash_of(item->number, item->raw, checkpoint->begin.partial);
    checkpoint_hash_add(&checkpoint->hash, &old);
    if (check_hash(checkpoint, &checkpoint->begin.hash, error) < 0)
        return -1;
    struct again *again = add_again(checkpoint, item->number);
    again->old = old;
    again->grown = checkpoint->grows = item->grown = true;
    return 0;
}

static int pass_before(struct checkpoint *checkpoint, struct source_item *item, struct error *error)
{
    const struct checkpoint_state *begin = &checkpoint->begin;
    const struct checkpoint_refused *refused = checkpoint_state_find(begin, item->number);
    if (refused) {
        if (check_hash(checkpoint, &refused->before, error) < 0)
            return -1;
        add_again(checkpoint, item->number);
        return 0;
    }
    if (has_grown(begin, item))
        return pass_grown(checkpoint, item, error);
    checkpoint_hash_add(&checkpoint->hash, &checkpoint->now.hash);
    return 1;
}

int checkpoint_pass(struct checkpoint *checkpoint, struct source_item *item, struct error *error)
{
    checkpoint->now = (struct mark){checkpoint_hash_of(item->number, item->raw, item->raw_length),
                                    item->partial ? (uint32_t)item->raw_length : 0, OPEN};
    if (item->number < checkpoint->begin.position)
        return pass_before(checkpoint, item, error);
    if (!checkpoint->verified && check_hash(checkpoint, &checkpoint->begin.hash, error) < 0)
        return -1;
    checkpoint->verified = true;
    return 0;
}

int checkpoint_end(const struct checkpoint *checkpoint, struct error *error)
{
    return checkpoint->verified ? 0 : check_hash(checkpoint, &checkpoint->begin.hash, error);
}

static struct mark *mark_of(const struct checkpoint *checkpoint, uint64_t number)
{
    return &checkpoint->marks[number % SPAN];
}

/* Records that the source left out have numbers too. */
bool checkpoint_mark(struct checkpoint *checkpoint, uint64_t number)
{
    struct checkpoint_state *state = &checkpoint->state;
    if (checkpoint->held || number < checkpoint->begin.position)
        return true;
    if (checkpoint->next == state->position && !checkpoint->grows)
        checkpoint->next = state->position = number;
    if (number - state->position >= SPAN)
        return false;
    for (; checkpoint->next < number; checkpoint->next++)
        mark_of(checkpoint, checkpoint->next)->state = LEFT_OUT;
    *mark_of(checkpoint, number) = checkpoint->now;
    checkpoint->next = number + 1;
    return true;
}

/* False: the job at the position holds it. */
static bool move_over(struct checkpoint_state *state, const struct mark *mark)
{
    switch ((enum mark_state)mark->state) {
    case LEFT_OUT:
        checkpoint_state_leave_out(state);
        return true;
    case CONFIRMED:
        checkpoint_state_confirm(state, &mark->hash, mark->partial);
        return true;
    case REFUSED:
        return checkpoint_state_refuse(state);
    case OPEN:
    case FAILED:
        break;
    }
    return false;
}

static void advance(struct checkpoint *checkpoint)
{
    struct checkpoint_state *state = &checkpoint->state;
    if (checkpoint->grows)
        return;
    while (state->position < checkpoint->next &&
           move_over(state, mark_of(checkpoint, state->position)))
        checkpoint->changed = true;
    checkpoint->held =
        state->position < checkpoint->next && mark_of(checkpoint, state->position)->state != OPEN;
}

/* The next run must find a grown record that fails as it is now. */
static void settle_again(struct checkpoint *checkpoint, struct again *again, bool confirmed)
{
    if (confirmed) {
        checkpoint_state_replace(&checkpoint->state, again->number, &again->old, &again->now,
                                 again->partial);
        checkpoint->changed = true;
    }
    if (again->grown) {
        checkpoint->grows = false;
        checkpoint->held = !confirmed;
    }
    *again = checkpoint->agains[--checkpoint->n_agains];
}

static bool settle_before(struct checkpoint *checkpoint, uint64_t number, bool confirmed)
{
    for (size_t i = 0; i < checkpoint->n_agains; i++) {
        if (checkpoint->agains[i].number != number)
            continue;
        settle_again(checkpoint, &checkpoint->agains[i], confirmed);
        return true;
    }
    return number < checkpoint->begin.position;
}

void checkpoint_settle(struct checkpoint *checkpoint, uint64_t number,
                       enum checkpoint_outcome outcome)
{
    bool was_before = settle_before(checkpoint, number, outcome == CHECKPOINT_CONFIRMED);
    if (checkpoint->held || (!was_before && number < checkpoint->state.position))
        return;
    if (!was_before)
        mark_of(checkpoint, number)->state = outcome == CHECKPOINT_CONFIRMED ? CONFIRMED
                                             : outcome == CHECKPOINT_REFUSED ? REFUSED
                                                                             : FAILED;
    advance(checkpoint);
}

int checkpoint_write(struct checkpoint *checkpoint, bool now, struct error *error)
{
    int64_t time = clock_coarse();
    if (!now && (!checkpoint->changed || time - checkpoint->written_at < write_every))
        return 0;
    checkpoint->changed = false;
    checkpoint->written_at = time;
    return checkpoint_file_write(checkpoint->file, &checkpoint->state, error);
}
