#include "act.h"
#include "duration.h"
#include "intake.h"
#include "letter_store.h"
#include "retire.h"
#include "seam.h"
#include "stop.h"

#include <inttypes.h>
#include <stdlib.h>

static const int64_t patience = DURATION_S;
static const int64_t soon = 5 * DURATION_S;
enum { IDLE_MOST = 10 }; /* times that nothing comes although something is pending */

/* A waiting letter on its way to the held ones. */
struct item {
    struct entry entry; /* its message is borrowed from `messages` */
    struct puback outcome;
    enum retire_outcome original;
};

struct hold {
    struct dlq *dlq;
    struct intake *intake;
    struct exchange *exchange;
    struct letter_store *letters;
    struct tally tally;
    struct job messages[PORTION_MAX];
    struct item items[PORTION_MAX];
    struct retirement retirements[PORTION_MAX];
    size_t n;
};

static int send_one(struct hold *hold, struct item *item, struct error *error)
{
    char subject[LETTER_SUBJECT_MAX];
    const struct letter *letter = &item->entry.letter;
    if (item->entry.fault)
        return letter_store_copy_unreadable(hold->letters, hold->dlq->options->origin,
                                            &item->entry.message, &item->outcome, error);
    return letter_store_copy(hold->letters, letter_subject(letter, LETTER_HELD, subject),
                             &item->entry.message, letter->retries, &item->outcome, error);
}

static int send_all(struct hold *hold, struct error *error)
{
    int result = 0;
    for (size_t i = 0; i < hold->n; i++) {
        struct job borrowed = hold->messages[i];
        hold->items[i] = (struct item){.original = RETIRE_GONE};
        entry_read(&hold->items[i].entry, &borrowed, hold->dlq->options->origin);
        if (send_one(hold, &hold->items[i], error) < 0)
            result = -1;
    }
    return letter_store_flush(hold->letters, error) < 0 ? -1 : result;
}

/* A letter by reference keeps its body in the origin. */
static bool retires(const struct item *item)
{
    return puback_confirms(&item->outcome) && !item->entry.fault &&
           !item->entry.letter.by_reference;
}

static int retire_all(struct hold *hold, struct error *error)
{
    size_t n = 0, k = 0;
    for (size_t i = 0; i < hold->n; i++)
        if (retires(&hold->items[i]))
            hold->retirements[n++] = retirement_of(&hold->items[i].entry.letter);
    int result = retire(hold->exchange, hold->dlq->connection, hold->retirements, n, error);
    for (size_t i = 0; i < hold->n; i++)
        if (retires(&hold->items[i]))
            hold->items[i].original = hold->retirements[k++].outcome;
    return result;
}

static void conclude(struct hold *hold)
{
    const struct job *settled[PORTION_MAX];
    size_t n = 0;
    for (size_t i = 0; i < hold->n; i++) {
        const struct item *item = &hold->items[i];
        bool is_held = puback_confirms(&item->outcome);
        if (is_held && item->original != RETIRE_LATER) {
            settled[n++] = &hold->messages[i];
            tally_done(&hold->tally, &item->entry);
            continue;
        }
        intake_later(hold->intake, &hold->messages[i], soon);
        if (is_held)
            tally_left(&hold->tally, &item->entry, "its dead job is still in the origin");
        else
            tally_left(&hold->tally, &item->entry, "it is not taken: %s %s",
                       puback_kind_text(item->outcome.kind), item->outcome.description);
    }
    intake_settle(hold->intake, settled, n);
}

static int hold_batch(struct hold *hold, struct error *error)
{
    int result = send_all(hold, error);
    seam("hold:stored");
    if (result == 0)
        result = retire_all(hold, error);
    conclude(hold);
    seam("hold:settled");
    intake_done(hold->intake, hold->messages, hold->n, 0);
    return result;
}

static int look(struct hold *hold, struct durable_state *state, struct error *error)
{
    int found =
        durable_look_up(hold->exchange, hold->dlq->options->stream, "letter_handler", state, error);
    return found > 0 ? error_set(error, EX_UNAVAILABLE, "somebody deleted letter_handler") : found;
}

/* Those that somebody has in hand are his: taken away, they would be decided twice. */
static int say_others(const struct hold *hold, const struct durable_state *state,
                      struct error *error)
{
    if (state->pending + state->ack_pending == 0 || hold->tally.left > 0)
        return 0;
    return error_set(error, EX_TEMPFAIL,
                     "%" PRIu64 " letters are in the hands of a `run`, or wait out a delay: stop "
                     "`run` and hold again in a minute",
                     state->pending + state->ack_pending);
}

static int take_all(struct hold *hold, struct error *error)
{
    struct durable_state state = {0};
    for (int idle = 0; !stop_requested() && idle < IDLE_MOST;) {
        hold->n = intake_take_within(hold->intake, hold->messages, patience);
        if (hold->n > 0) {
            idle = 0;
            if (hold_batch(hold, error) < 0)
                return -1;
            continue;
        }
        idle++;
        if (look(hold, &state, error) < 0)
            return -1;
        if (state.pending == 0)
            break;
    }
    if (tally_end(&hold->tally, error) < 0 || look(hold, &state, error) < 0)
        return -1;
    return say_others(hold, &state, error);
}

static int hold_all(struct hold *hold, struct error *error)
{
    _cleanup_(cleanup_exchange) struct exchange *exchange = NULL;
    _cleanup_(cleanup_letter_store) struct letter_store *letters = NULL;
    _cleanup_(cleanup_intake) struct intake *intake = NULL;
    char filter[LETTER_SUBJECT_MAX];
    snprintf(filter, sizeof filter, "natsq." LETTER_DEAD ".%s.>", hold->dlq->options->origin);
    if (exchange_open(&exchange, hold->dlq->connection, error) < 0 ||
        letter_store_open(&letters, hold->dlq->connection, hold->dlq->options->stream, PORTION_MAX,
                          error) < 0 ||
        intake_open(&intake, hold->dlq, "letter_handler", filter, PORTION_MAX, error) < 0)
        return -1;
    hold->exchange = exchange;
    hold->letters = letters;
    hold->intake = intake;
    tally_begin(&hold->tally, hold->dlq, "held", "");
    return take_all(hold, error);
}

int verb_hold(struct dlq *dlq, struct error *error)
{
    const struct act act = {.verb = "hold", .did = "held", .states = SHELF_WAITING};
    _cleanup_(cleanup_free) struct hold *hold = calloc(1, sizeof *hold);
    if (!hold)
        return error_set(error, EX_OSERR, "out of memory");
    if (!dlq->has_dead || !dlq->has_held)
        return error_set(error, EX_CONFIG,
                         "stream %s takes no letters to hold: add the subjects natsq.dead.%s.> and "
                         "natsq.held.%s.> to it",
                         dlq->options->stream, dlq->options->origin, dlq->options->origin);
    hold->dlq = dlq;
    int prepared = act_prepare(dlq, &act, error);
    return prepared == 0 ? hold_all(hold, error) : prepared;
}
