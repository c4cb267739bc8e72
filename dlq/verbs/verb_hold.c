#include "verbs/verbs.h"

#include "base/clock.h"
#include "base/duration.h"
#include "base/fault_point.h"
#include "base/stop.h"
#include "dlq.h"
#include "letter/letter_store.h"
#include "letters/bulk_action.h"
#include "letters/originals.h"
#include "queue/durable.h"
#include "queue/stream_reader.h"
#include "run/batch_puller.h"

#include <inttypes.h>
#include <stdlib.h>

static const int64_t pull_wait = DURATION_S;
static const int64_t look_again = 100 * DURATION_MS;
enum {
    IDLE_MOST = 10, /* pulls in a row that bring nothing although something is pending */
    LOOKS = 20,     /* how many times to look at the letters that a `run` is settling */
};

/* A waiting letter on its way to the held letters. */
struct hold_item {
    struct letter_entry entry; /* its message is borrowed from `messages` */
    struct puback outcome;
    enum retire_outcome original;
};

struct hold {
    struct dlq *dlq;
    struct batch_puller *batch_puller;
    struct letter_store *letters;
    struct action_report report;
    uint64_t last;  /* sequence of the last letter that waited at the start */
    uint64_t left;  /* letters still to take of those that waited at the start */
    bool saw_later; /* a letter after `last` arrived: all earlier ones were delivered, to us or to
                       others */
    struct job messages[BATCH_MAX];
    struct hold_item items[BATCH_MAX];
    enum batch_settlement settlements[BATCH_MAX];
    size_t taken, n;      /* messages; those to be held, which come first */
    int64_t rechecked_at; /* when the last look at the originals that are alive began */
};

static int send_one(struct hold *hold, struct hold_item *item, struct error *error)
{
    char subject[LETTER_SUBJECT_MAX];
    const struct letter *letter = &item->entry.letter;
    if (item->entry.fault)
        return letter_store_copy_unreadable(hold->letters, hold->dlq->options->origin,
                                            &item->entry.message, &item->outcome, error);
    return letter_store_copy(hold->letters, letter_subject(letter, SUBJECT_HELD, subject),
                             &item->entry.message, letter->retries, &item->outcome, error);
}

static void read_all(struct hold *hold)
{
    for (size_t i = 0; i < hold->n; i++) {
        struct job borrowed = hold->messages[i];
        hold->items[i] = (struct hold_item){.original = RETIRE_GONE};
        letter_entry_read(&hold->items[i].entry, &borrowed, hold->dlq->options->origin);
    }
}

static bool is_alive(const struct hold_item *item)
{
    return item->original == RETIRE_ALIVE && !puback_confirms(&item->outcome);
}

/* A letter by reference keeps its body in the origin. */
static bool needs_retirement(const struct hold_item *item)
{
    bool is_gone = item->original == RETIRE_GONE || item->original == RETIRE_OTHER;
    return puback_confirms(&item->outcome) && !is_gone && !item->entry.fault &&
           !item->entry.letter.by_reference;
}

static const struct letter *choose_readable(void *hold, size_t i)
{
    const struct hold_item *item = &((struct hold *)hold)->items[i];
    return item->entry.fault ? NULL : &item->entry.letter;
}

static const struct letter *choose_alive(void *hold, size_t i)
{
    const struct hold_item *item = &((struct hold *)hold)->items[i];
    return is_alive(item) ? &item->entry.letter : NULL;
}

static const struct letter *choose_held(void *hold, size_t i)
{
    const struct hold_item *item = &((struct hold *)hold)->items[i];
    return needs_retirement(item) ? &item->entry.letter : NULL;
}

static void note_original(void *hold, size_t i, enum retire_outcome outcome)
{
    ((struct hold *)hold)->items[i].original = outcome;
}

static const struct retire_step check_all = {choose_readable, .only_looks = true,
                                             .note = note_original};
static const struct retire_step retire_held = {choose_held, .note = note_original};
static const struct retire_step recheck_alive = {choose_alive, .only_looks = true,
                                                 .note = note_original};

static int run_step(struct hold *hold, const struct retire_step *step, struct error *error)
{
    return retire_step_run(step, hold, hold->n, hold->dlq->requester, error);
}

static int send_all(struct hold *hold, struct error *error)
{
    int result = 0;
    for (size_t i = 0; i < hold->n; i++)
        if (!is_alive(&hold->items[i]) && send_one(hold, &hold->items[i], error) < 0)
            result = -1;
    return letter_store_flush(hold->letters, error) < 0 ? -1 : result;
}

static void settle_all(struct hold *hold)
{
    for (size_t i = 0; i < hold->n; i++) {
        const struct hold_item *item = &hold->items[i];
        bool is_held = puback_confirms(&item->outcome);
        bool alive = is_alive(item) && !retire_look_is_old(hold->rechecked_at);
        bool done = is_held && !(needs_retirement(item) && item->original == RETIRE_LATER);
        hold->settlements[i] = alive || done ? BATCH_ACK : BATCH_RETRY;
        if (alive || done)
            (alive ? action_report_alive : action_report_done)(&hold->report, &item->entry);
        else if (is_held)
            action_report_left(&hold->report, &item->entry, "its dead job is still in the origin");
        else if (is_alive(item))
            action_report_left(&hold->report, &item->entry, "its job was alive again: look again");
        else
            action_report_left(&hold->report, &item->entry, "the letter was not stored: %s %s",
                               puback_kind_text(item->outcome.kind), item->outcome.description);
    }
    batch_puller_settle(hold->batch_puller, hold->messages, hold->settlements, hold->n, 0);
}

static int hold_batch(struct hold *hold, struct error *error)
{
    read_all(hold);
    int result = run_step(hold, &check_all, error);
    if (result == 0)
        result = send_all(hold, error);
    fault_point("hold:stored");
    if (result == 0)
        result = run_step(hold, &retire_held, error);
    /* A job that was alive may have died again: a sweep may then have found this letter. */
    hold->rechecked_at = clock_now();
    if (run_step(hold, &recheck_alive, error) < 0)
        result = -1;
    fault_point("hold:rechecked");
    settle_all(hold);
    fault_point("hold:settled");
    return result;
}

static int look_up_durable(struct hold *hold, struct durable_state *state, struct error *error)
{
    const char *name = batch_puller_durable(hold->batch_puller)->name;
    int found =
        durable_look_up(hold->dlq->requester, hold->dlq->options->stream, name, state, NULL, error);
    if (found != 0 && stop_requested())
        return error_set(error, EX_TEMPFAIL, "stopped before all waiting letters were held");
    return found > 0 ? error_set(error, EX_UNAVAILABLE, "somebody deleted %s", name) : found;
}

/* Jobs may go on dying: only the letters that wait now are held. */
static int find_last(struct hold *hold, struct error *error)
{
    const struct dlq *dlq = hold->dlq;
    struct durable_state state = {0};
    struct stored_message last = {.stream = dlq->options->stream,
                                  .last_of = batch_puller_durable(hold->batch_puller)->filter};
    int result = stored_messages_fetch(dlq->requester, &last, 1, error);
    if (result == 0)
        result = look_up_durable(hold, &state, error);
    if (result == 0 && last.result == STORED_UNKNOWN)
        result = error_set(error, EX_UNAVAILABLE, "cannot read the last letter of %s",
                           dlq->options->stream);
    hold->last = last.result == STORED_THERE ? last.job.delivery.seq : 0;
    hold->left = state.pending + state.ack_pending;
    stored_messages_clear(&last, 1);
    return result;
}

/* How many letters up to the last still wait; counts no further than `most`. */
static int count_waiting(struct hold *hold, uint64_t most, uint64_t *n, struct error *error)
{
    _cleanup_(cleanup_stream_reader) struct stream_reader *reader = NULL;
    int result = 0;
    *n = 0;
    if (stream_reader_open(&reader, hold->dlq->connection, hold->dlq->options->stream,
                           batch_puller_durable(hold->batch_puller)->filter, 0, error) < 0)
        return -1;
    stream_reader_end_at(reader, hold->last);
    for (; *n < most && result == 0; *n += result == 0) {
        struct job message = {0};
        result = stream_reader_next(reader, &message, error);
        job_clear(&message);
    }
    return result < 0 ? -1 : 0;
}

/* How many letters still wait once a `run` has had a moment to settle those it has in flight. */
static int count_left(struct hold *hold, uint64_t *n, struct error *error)
{
    for (int i = 0; i < LOOKS; i++) {
        if (count_waiting(hold, 1, n, error) < 0)
            return -1;
        if (*n == 0 || stop_wait(look_again))
            return 0;
    }
    return count_waiting(hold, UINT64_MAX, n, error);
}

/* Letters that a `run` has in flight are left to it: held as well, they would be decided twice. */
static int check_in_flight(struct hold *hold, struct error *error)
{
    struct durable_state state = {0};
    uint64_t n = 0;
    if (hold->report.left > 0 || hold->last == 0)
        return 0;
    if (look_up_durable(hold, &state, error) < 0 ||
        (state.pending + state.ack_pending > 0 && count_left(hold, &n, error) < 0))
        return -1;
    if (n == 0)
        return 0;
    return error_set(error, EX_TEMPFAIL,
                     "%" PRIu64 " letter%s in flight at a `run`, or delayed: stop `run` and hold "
                     "again in a minute",
                     n, n == 1 ? " is" : "s are");
}

/* Takes a batch, and moves the letters after the last to its end. */
static void take_batch(struct hold *hold)
{
    size_t most = action_report_batch(&hold->report, BATCH_MAX);
    most = hold->left < most ? (size_t)hold->left : most;
    hold->taken = batch_puller_take_within(hold->batch_puller, hold->messages, most, pull_wait);
    hold->n = 0;
    for (size_t i = 0; i < hold->taken; i++)
        if (hold->messages[i].delivery.seq <= hold->last) {
            struct job message = hold->messages[i];
            hold->messages[i] = hold->messages[hold->n];
            hold->messages[hold->n++] = message;
        }
    hold->left -= hold->n;
}

static void return_the_rest(struct hold *hold)
{
    for (size_t i = hold->n; i < hold->taken; i++)
        hold->settlements[i] = BATCH_RETURN;
    batch_puller_settle(hold->batch_puller, &hold->messages[hold->n], &hold->settlements[hold->n],
                        hold->taken - hold->n, 0);
    hold->saw_later = hold->saw_later || hold->taken > hold->n;
}

/* 1: none of the letters up to the last will be delivered to us. */
static int is_over(struct hold *hold, int idle, struct error *error)
{
    struct durable_state state = {0};
    if (hold->left == 0 || hold->saw_later || idle >= IDLE_MOST)
        return 1;
    if (idle == 0)
        return 0;
    if (look_up_durable(hold, &state, error) < 0)
        return -1;
    return state.delivered_seq >= hold->last || state.pending == 0;
}

static int hold_up_to_last(struct hold *hold, struct error *error)
{
    int over = hold->last == 0 || hold->left == 0;
    for (int idle = 0; over == 0 && !stop_requested();) {
        take_batch(hold);
        idle = hold->n > 0 ? 0 : idle + 1;
        int result = hold->n > 0 ? hold_batch(hold, error) : 0;
        return_the_rest(hold);
        if (result < 0 || action_report_flush(&hold->report, error) < 0)
            return -1;
        over = is_over(hold, idle, error);
    }
    return over < 0 ? -1 : 0;
}

static int hold_and_report(struct hold *hold, struct error *error)
{
    struct error ignored = {0};
    action_report_begin(&hold->report, hold->dlq, "held", "");
    if (find_last(hold, error) < 0)
        return -1;
    int result = hold_up_to_last(hold, error);
    batch_puller_return_rest(hold->batch_puller);
    int ended = action_report_end(&hold->report, result < 0 ? &ignored : error);
    return result < 0 || ended < 0 ? -1 : check_in_flight(hold, error);
}

int verb_hold(struct dlq *dlq, struct error *error)
{
    const struct bulk_action action = {.verb = "hold", .did = "held", .states = READ_WAITING};
    _cleanup_(cleanup_letter_store) struct letter_store *letters = NULL;
    _cleanup_(cleanup_batch_puller) struct batch_puller *batch_puller = NULL;
    _cleanup_(cleanup_free) struct hold *hold = calloc(1, sizeof *hold);
    if (!hold)
        return error_set(error, EX_OSERR, "out of memory");
    if (dlq_require(dlq, 1 << DLQ_DEAD | 1 << DLQ_HELD, "hold", error) < 0)
        return -1;
    int prepared = bulk_action_prepare(dlq, &action, error);
    if (prepared != 0)
        return prepared;
    if (letter_store_open(&letters, dlq->connection, dlq->options->stream, BATCH_MAX, error) < 0 ||
        batch_puller_open(&batch_puller, dlq, DUTY_DECIDE, BATCH_MAX, error) < 0)
        return -1;
    hold->dlq = dlq;
    hold->letters = letters;
    hold->batch_puller = batch_puller;
    return hold_and_report(hold, error);
}
