#include "verbs/verbs.h"

#include "base/clock.h"
#include "base/fault_point.h"
#include "base/stop.h"
#include "bulk/bulk_action.h"
#include "dlq.h"
#include "letter/letter_store.h"
#include "letters/letter_counts.h"
#include "letters/originals.h"
#include "run/backlog.h"
#include "run/collector.h"
#include "run/run_report.h"

#include <stdlib.h>

/* A waiting letter on its way to the held letters. */
struct hold_item {
    struct letter_entry entry; /* its message is borrowed from `messages` */
    struct puback outcome;
    enum retire_outcome original;
    bool was_alive; /* at the first look, so that its letter was not sent */
};

struct hold {
    struct dlq *dlq;
    struct batch_puller *batch_puller;
    struct letter_store *letters;
    struct action_report report;
    struct backlog backlog;
    struct job messages[BATCH_MAX];
    struct hold_item items[BATCH_MAX];
    enum batch_settlement settlements[BATCH_MAX];
    size_t taken, n;      /* messages; those of the backlog, which come first */
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

static void note_recheck(void *hold, size_t i, enum retire_outcome outcome)
{
    struct hold_item *item = &((struct hold *)hold)->items[i];
    item->was_alive = true;
    item->original = outcome;
}

static const struct retire_step check_all = {choose_readable, .only_looks = true,
                                             .note = note_original};
static const struct retire_step retire_held = {choose_held, .note = note_original};
static const struct retire_step recheck_alive = {choose_alive, .only_looks = true,
                                                 .note = note_recheck};

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

/* Each look at the jobs of letters by reference reads their bodies. */
static size_t bytes_of_originals(const struct hold *hold)
{
    size_t bytes = 0;
    for (size_t i = 0; i < hold->n; i++)
        if (hold->items[i].entry.letter.by_reference)
            bytes += letter_entry_bytes(&hold->items[i].entry);
    return bytes;
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
        else if (item->was_alive)
            action_report_left(&hold->report, &item->entry, "its job was alive again: look again");
        else
            action_report_left(&hold->report, &item->entry, "the letter was not stored: %s %s",
                               puback_kind_text(item->outcome.kind), item->outcome.description);
    }
    for (size_t i = hold->n; i < hold->taken; i++)
        hold->settlements[i] = BATCH_RETURN;
    batch_puller_settle(hold->batch_puller, hold->messages, hold->settlements, hold->taken,
                        bytes_of_originals(hold));
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

/* Letters that a `run` has in flight are left to it: held as well, they would be decided twice. */
static int check_in_flight(const struct hold *hold, struct error *error)
{
    if (hold->report.left > 0)
        return 0;
    return backlog_check_left(&hold->backlog, "letter is", "letters are", error);
}

static int hold_backlog(struct hold *hold, struct error *error)
{
    int result = backlog_begin(&hold->backlog, hold->dlq, hold->batch_puller, error);
    hold->report.total = hold->backlog.left;
    while (result == 0) {
        size_t most = action_report_batch(&hold->report, BATCH_MAX);
        result = backlog_take(&hold->backlog, hold->messages, most, &hold->n, &hold->taken, error);
        if (result == 0 &&
            (hold_batch(hold, error) < 0 || action_report_flush(&hold->report, error) < 0))
            result = -1;
    }
    return result < 0 ? -1 : 0;
}

static int hold_and_report(struct hold *hold, struct error *error)
{
    struct error ignored = {0};
    action_report_begin(&hold->report, hold->dlq, "held", "");
    int result = hold_backlog(hold, error);
    batch_puller_return_rest(hold->batch_puller);
    int ended = action_report_end(&hold->report, result < 0 ? &ignored : error);
    return result < 0 || ended < 0 ? -1 : check_in_flight(hold, error);
}

static int hold_waiting(struct dlq *dlq, struct error *error)
{
    _cleanup_(cleanup_letter_store) struct letter_store *letters = NULL;
    _cleanup_(cleanup_batch_puller) struct batch_puller *batch_puller = NULL;
    _cleanup_(cleanup_free) struct hold *hold = calloc(1, sizeof *hold);
    if (!hold)
        return error_set(error, EX_OSERR, "out of memory");
    if (letter_store_open(&letters, dlq->connection, dlq->options->stream, BATCH_MAX, error) < 0 ||
        batch_puller_open(&batch_puller, dlq, DUTY_DECIDE, BATCH_MAX, error) < 0)
        return -1;
    hold->dlq = dlq;
    hold->letters = letters;
    hold->batch_puller = batch_puller;
    return hold_and_report(hold, error);
}

static int any_is_announced(const struct dlq *dlq, bool *any, struct error *error)
{
    char filter[DLQ_SUBJECT_MAX];
    struct stored_message last = {.stream = dlq->options->stream,
                                  .last_of =
                                      dlq_subject(DLQ_ADVISORIES, dlq->options->origin, filter)};
    int result = dlq->has_advisories ? stored_messages_fetch(dlq->requester, &last, 1, error) : 0;
    *any = dlq->has_advisories && last.result != STORED_GONE;
    stored_messages_clear(&last, 1);
    return result;
}

/* As `run` does, so that both may be at work: the letters of announced jobs wait at first. */
static int collect_announced(struct dlq *dlq, struct error *error)
{
    _cleanup_(cleanup_collector) struct collector *collector = NULL;
    struct run_report report = {0};
    bool any;
    if (any_is_announced(dlq, &any, error) < 0)
        return -1;
    if (!any)
        return 0;
    dlq->report = &report;
    int result = collector_open(&collector, dlq, error);
    if (result == 0)
        result = collector_collect_backlog(collector, error);
    dlq->report = NULL;
    return result;
}

/* The advisory of a job that had a waiting letter cannot be collected before that letter is held,
 * which settles its death as well. */
static int check_announced(struct dlq *dlq, const struct error *uncollected, struct error *error)
{
    struct letter_counts counts;
    if (letter_counts_read(&counts, dlq, READ_ANNOUNCED | READ_WITH_PROGRESS, error) < 0)
        return -1;
    if (counts.is_complete && letter_counts_total(&counts) == 0)
        return 0;
    *error = *uncollected;
    return -1;
}

/* What cannot be collected now does not keep the waiting letters from being held. */
static int collect_and_hold(struct dlq *dlq, struct error *error)
{
    struct error uncollected = {0};
    int collected = collect_announced(dlq, &uncollected);
    if (collected < 0 && uncollected.exit_code != EX_TEMPFAIL) {
        *error = uncollected;
        return -1;
    }
    int result = hold_waiting(dlq, error);
    return result == 0 && collected < 0 ? check_announced(dlq, &uncollected, error) : result;
}

int verb_hold(struct dlq *dlq, struct error *error)
{
    const struct bulk_action action = {
        .verb = "hold", .did = "held", .states = READ_ANNOUNCED | READ_WAITING};
    if (dlq_require(dlq, 1 << DLQ_DEAD | 1 << DLQ_HELD, "hold", error) < 0)
        return -1;
    int prepared = bulk_action_prepare(dlq, &action, error);
    return prepared == 0 ? collect_and_hold(dlq, error) : prepared;
}
