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
    struct letter_purger purger;
    struct letter_entry *entries; /* of the batch */
    enum retire_outcome originals[LETTER_PURGE_MAX];
    struct letter_purge purges[LETTER_PURGE_MAX];
    struct letter_entry *going[LETTER_PURGE_MAX]; /* those of the purges */
};

static const struct letter *choose_readable(void *discard, size_t i)
{
    const struct letter_entry *entry = &((struct discard *)discard)->entries[i];
    return entry->fault ? NULL : &entry->letter;
}

static void note_retirement(void *discard, size_t i, enum retire_outcome outcome)
{
    ((struct discard *)discard)->originals[i] = outcome;
}

static size_t choose(struct discard *discard, struct letter_entry *entries, size_t n,
                     struct action_report *report)
{
    size_t chosen = 0;
    for (size_t i = 0; i < n; i++) {
        struct letter_entry *entry = &entries[i];
        enum retire_outcome outcome = entry->fault ? RETIRE_GONE : discard->originals[i];
        if (outcome == RETIRE_ALIVE)
            log_warn(discard->dlq->log, "# %" PRIu64 " is alive again in %s and stays there",
                     entry->letter.seq, discard->dlq->options->origin);
        if (outcome == RETIRE_LATER) {
            discard->purger.has_all = false;
            action_report_left(report, entry, "its job is still in %s",
                               discard->dlq->options->origin);
            continue;
        }
        discard->going[chosen] = entry;
        discard->purges[chosen++] = (struct letter_purge){.subject = job_subject(&entry->message),
                                                          .seq = entry->message.delivery.seq};
    }
    return chosen;
}

static int discard_batch(void *closure, struct letter_entry *entries, size_t n,
                         struct action_report *report, struct error *error)
{
    /* The original goes first, since only the letter knows of it. A letter by value seldom has one.
     */
    static const struct retire_step step = {choose_readable, false, note_retirement};
    struct discard *discard = closure;
    discard->entries = entries;
    if (retire_step_run(&step, discard, n, discard->requester, discard->dlq->connection, error) < 0)
        return -1;
    fault_point("discard:retired");
    size_t chosen = choose(discard, entries, n, report);
    if (letter_purger_run(&discard->purger, discard->purges, chosen, error) < 0)
        return -1;
    fault_point("discard:purged");
    for (size_t i = 0; i < chosen; i++)
        if (discard->purges[i].gone)
            action_report_done(report, discard->going[i]);
        else
            action_report_left(report, discard->going[i], "%s", discard->purges[i].why);
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
    letter_purger_begin(&discard->purger, dlq, requester);
    const struct bulk_action action = {.verb = "discard",
                                       .did = "discarded",
                                       .already = "gone already",
                                       .states = READ_HELD,
                                       .most = letter_purger_batch(&discard->purger),
                                       .batch = discard_batch,
                                       .closure = discard};
    return bulk_action_run(dlq, &action, error);
}
