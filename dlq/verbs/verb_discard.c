#include "verbs/verbs.h"

#include "base/fault_point.h"
#include "dlq.h"
#include "letters/bulk_action.h"
#include "letters/letter_purge.h"
#include "letters/originals.h"
#include "nats/requester.h"

#include <inttypes.h>
#include <stdlib.h>

struct discard {
    struct dlq *dlq;
    struct requester *requester;
    struct remover remover;
    struct entry *entries; /* of the batch */
    enum retire_outcome originals[REMOVAL_MAX];
    struct removal removals[REMOVAL_MAX];
    struct entry *going[REMOVAL_MAX]; /* those of the removals */
};

static const struct letter *choose_readable(void *discard, size_t i)
{
    const struct entry *entry = &((struct discard *)discard)->entries[i];
    return entry->fault ? NULL : &entry->letter;
}

static void note_retirement(void *discard, size_t i, enum retire_outcome outcome)
{
    ((struct discard *)discard)->originals[i] = outcome;
}

static size_t choose(struct discard *discard, struct entry *entries, size_t n, struct tally *tally)
{
    size_t chosen = 0;
    for (size_t i = 0; i < n; i++) {
        struct entry *entry = &entries[i];
        enum retire_outcome outcome = entry->fault ? RETIRE_GONE : discard->originals[i];
        if (outcome == RETIRE_ALIVE)
            log_warn(discard->dlq->log, "# %" PRIu64 " is alive again in %s and stays there",
                     entry->letter.seq, discard->dlq->options->origin);
        if (outcome == RETIRE_LATER) {
            discard->remover.has_all = false;
            tally_left(tally, entry, "its job is still in %s", discard->dlq->options->origin);
            continue;
        }
        discard->going[chosen] = entry;
        discard->removals[chosen++] = (struct removal){.subject = job_subject(&entry->message),
                                                       .seq = entry->message.delivery.seq};
    }
    return chosen;
}

static int discard_batch(void *closure, struct entry *entries, size_t n, struct tally *tally,
                         struct error *error)
{
    /* The original goes first, since only the letter knows of it. A letter by value seldom has one.
     */
    static const struct retire_step step = {choose_readable, false, note_retirement};
    struct discard *discard = closure;
    discard->entries = entries;
    if (retire_step_run(&step, discard, n, discard->requester, discard->dlq->connection, error) < 0)
        return -1;
    fault_point("discard:retired");
    size_t chosen = choose(discard, entries, n, tally);
    if (remover_run(&discard->remover, discard->removals, chosen, error) < 0)
        return -1;
    fault_point("discard:purged");
    for (size_t i = 0; i < chosen; i++)
        if (discard->removals[i].gone)
            tally_done(tally, discard->going[i]);
        else
            tally_left(tally, discard->going[i], "%s", discard->removals[i].why);
    return 0;
}

int verb_discard(struct dlq *dlq, struct error *error)
{
    _cleanup_(cleanup_requester) struct requester *requester = NULL;
    _cleanup_(cleanup_free) struct discard *discard = calloc(1, sizeof *discard);
    if (!discard)
        return error_set(error, EX_OSERR, "out of memory");
    if (requester_open(&requester, dlq->connection, error) < 0)
        return -1;
    discard->dlq = dlq;
    discard->requester = requester;
    remover_begin(&discard->remover, dlq, requester);
    const struct bulk_action action = {.verb = "discard",
                                       .did = "discarded",
                                       .already = "gone already",
                                       .states = READ_HELD,
                                       .most = remover_batch(&discard->remover),
                                       .batch = discard_batch,
                                       .closure = discard};
    return bulk_action_run(dlq, &action, error);
}
