#include "verbs/verbs.h"

#include "base/clock.h"
#include "base/fault_point.h"
#include "bulk/bulk_action.h"
#include "dlq.h"
#include "letters/letter_purge.h"
#include "letters/originals.h"

#include <inttypes.h>
#include <stdlib.h>

struct discard {
    struct dlq *dlq;
    struct letter_purger purger;
    struct letter_entry *entries; /* the batch */
    enum retire_outcome originals[LETTER_PURGE_MAX];
    bool was_alive[LETTER_PURGE_MAX];
    struct letter_purge purges[LETTER_PURGE_MAX];
};

static const struct letter *choose_readable(void *discard, size_t i)
{
    const struct letter_entry *entry = &((struct discard *)discard)->entries[i];
    return entry->fault ? NULL : &entry->letter;
}

static const struct letter *choose_alive(void *discard, size_t i)
{
    return ((struct discard *)discard)->was_alive[i] ? choose_readable(discard, i) : NULL;
}

static void note_retirement(void *closure, size_t i, enum retire_outcome outcome)
{
    struct discard *discard = closure;
    discard->originals[i] = outcome;
    discard->was_alive[i] = outcome == RETIRE_ALIVE;
}

/* If the job has died again, a sweep may have found this letter. */
static void note_recheck(void *discard, size_t i, enum retire_outcome outcome)
{
    if (outcome != RETIRE_ALIVE)
        ((struct discard *)discard)->originals[i] = RETIRE_LATER;
}

static int recheck(struct discard *discard, size_t n, struct error *error)
{
    static const struct retire_step step = {choose_alive, .only_looks = true, .note = note_recheck};
    int64_t begin = clock_now();
    int result = retire_step_run(&step, discard, n, discard->dlq->requester, error);
    fault_point("discard:rechecked");
    for (size_t i = 0; i < n && retire_look_is_old(begin); i++)
        if (choose_alive(discard, i))
            note_recheck(discard, i, RETIRE_LATER);
    return result;
}

/* Returns how many letters may be purged. */
static size_t choose_purges(struct discard *discard, size_t n, struct action_report *report)
{
    const char *origin = discard->dlq->options->origin;
    size_t chosen = 0;
    for (size_t i = 0; i < n; i++) {
        const struct letter_entry *entry = &discard->entries[i];
        enum retire_outcome original = entry->fault ? RETIRE_GONE : discard->originals[i];
        if (original == RETIRE_ALIVE)
            log_warn(discard->dlq->log, "# %" PRIu64 " is alive again in %s and stays there",
                     entry->letter.seq, origin);
        if (original != RETIRE_LATER) {
            discard->purges[chosen++] = (struct letter_purge){.entry = entry};
            continue;
        }
        discard->purger.has_all = false;
        if (choose_alive(discard, i))
            action_report_left(report, entry, "its job was alive again: look again");
        else
            action_report_left(report, entry, "its job is still in %s", origin);
    }
    return chosen;
}

/* The originals are retired first: once the letter is gone, nothing refers to them. */
static int discard_batch(void *closure, struct letter_entry *entries, size_t n,
                         struct action_report *report, struct error *error)
{
    static const struct retire_step retire_readable = {choose_readable, .note = note_retirement};
    struct discard *discard = closure;
    const struct dlq *dlq = discard->dlq;
    discard->entries = entries;
    if (retire_step_run(&retire_readable, discard, n, dlq->requester, error) < 0)
        return -1;
    fault_point("discard:retired");
    if (recheck(discard, n, error) < 0)
        return -1;
    size_t chosen = choose_purges(discard, n, report);
    if (letter_purger_run(&discard->purger, discard->purges, chosen, error) < 0)
        return -1;
    fault_point("discard:purged");
    for (const struct letter_purge *purge = discard->purges; purge < discard->purges + chosen;
         purge++)
        if (purge->gone)
            action_report_done(report, purge->entry);
        else
            action_report_left(report, purge->entry, "%s", purge->why);
    return 0;
}

int verb_discard(struct dlq *dlq, struct error *error)
{
    _cleanup_(cleanup_free) struct discard *discard = calloc(1, sizeof *discard);
    if (!discard)
        return error_set(error, EX_OSERR, "out of memory");
    discard->dlq = dlq;
    discard->purger.dlq = dlq;
    discard->purger.has_all = selection_is_all(&dlq->options->selection);
    const struct bulk_action action = {.verb = "discard",
                                       .did = "discarded",
                                       .already = "gone already",
                                       .states = READ_HELD,
                                       .most = letter_purger_batch(&discard->purger),
                                       .batch = discard_batch,
                                       .closure = discard};
    return bulk_action_run(dlq, &action, error);
}
