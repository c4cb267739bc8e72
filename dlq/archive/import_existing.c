#include "archive/import_existing.h"

#include "base/fault_point.h"
#include "dlq.h"
#include "letter/letter_difference.h"
#include "letters/letter_purge.h"

#include <stdlib.h>
#include <string.h>

/* Reads the last letter on each of the subjects into `stored`; NULL: that item is left out. */
static int fetch(struct import_batch *batch, const char *(*subject_of)(struct import_item *item),
                 struct error *error)
{
    for (size_t i = 0; i < batch->n; i++) {
        const char *subject = subject_of(&batch->items[i]);
        batch->stored[i] = (struct stored_message){
            .stream = subject ? batch->dlq->options->stream : NULL, .last_of = subject};
    }
    return stored_messages_fetch(batch->dlq->requester, batch->stored, batch->n, error);
}

/* What cannot be read gets headers when it is held. */
static unsigned difference(const struct import_item *item, const struct stored_message *stored)
{
    unsigned found = letter_difference(import_item_message(item), &stored->job);
    bool was_held = strcmp(job_subject(&item->entry.message), item->held) == 0;
    return item->entry.fault && !was_held ? found & LETTER_BODY_DIFFERS : found;
}

static void settle_already(struct import_batch *batch, struct import_item *item)
{
    item->settled = true;
    action_report_already(batch->report, &item->entry);
}

static const char *waiting_subject(struct import_item *item)
{
    return item->settled || item->entry.fault
               ? NULL
               : letter_subject(&item->entry.letter, SUBJECT_DEAD, item->waiting);
}

/* If a waiting letter were held as well, its job would be decided twice. */
static void settle_waiting(struct import_batch *batch, struct import_item *item,
                           const struct stored_message *stored)
{
    if (!stored->stream || stored->result == STORED_GONE)
        return;
    if (stored->result == STORED_UNKNOWN)
        import_batch_leave(batch, item, "the server did not say whether it is stored already");
    else if (difference(item, stored))
        import_batch_leave(batch, item,
                           "it waits for `run` already, and differs: hold it before you import it");
    else
        settle_already(batch, item);
}

int import_existing_waiting(struct import_batch *batch, struct error *error)
{
    if (!batch->dlq->has_dead)
        return 0;
    int result = fetch(batch, waiting_subject, error);
    for (size_t i = 0; i < batch->n; i++)
        settle_waiting(batch, &batch->items[i], &batch->stored[i]);
    stored_messages_clear(batch->stored, batch->n);
    return result;
}

static const char *held_subject(struct import_item *item)
{
    return item->settled ? NULL : item->held;
}

static const char *refused_subject(struct import_item *item)
{
    return item->settled || item->outcome.kind != PUBACK_EXISTS ? NULL : item->held;
}

static void settle_held(struct import_batch *batch, struct import_item *item,
                        const struct stored_message *stored)
{
    if (!stored->stream || (stored->result == STORED_GONE && batch->looks_only))
        return;
    if (stored->result != STORED_THERE) {
        import_batch_leave(batch, item,
                           stored->result == STORED_GONE
                               ? "its letter was removed meanwhile"
                               : "the server did not say whether it is stored already");
        return;
    }
    item->differs = difference(item, stored);
    if (batch->replace)
        item->replaces = stored->job.delivery.seq;
    if (batch->replace && (item->differs || !batch->looks_only))
        return;
    if (!item->differs) {
        settle_already(batch, item);
        return;
    }
    item->settled = true;
    action_report_differs(batch->report, &item->entry);
}

int import_existing_held(struct import_batch *batch, struct error *error)
{
    int result = fetch(batch, batch->looks_only ? held_subject : refused_subject, error);
    for (size_t i = 0; i < batch->n; i++)
        settle_held(batch, &batch->items[i], &batch->stored[i]);
    stored_messages_clear(batch->stored, batch->n);
    return result;
}

static int send_all(struct import_batch *batch, struct error *error)
{
    int result = 0;
    for (size_t i = 0; i < batch->n; i++) {
        struct import_item *item = &batch->items[i];
        if (!item->settled && item->replaces && item->differs &&
            letter_store_replace(batch->letters, item->held, import_item_message(item),
                                 import_item_retries(item), item->replaces,
                                 letter_difference_text(item->differs), &item->outcome, error) < 0)
            result = -1;
    }
    return letter_store_flush(batch->letters, error) < 0 ? -1 : result;
}

/* The last letter on the subject is ours: sent twice, for want of an answer; or the same. */
static void settle_refused(struct import_batch *batch, struct import_item *item,
                           const struct stored_message *stored)
{
    if (!stored->stream)
        return;
    if (stored->result == STORED_THERE && !difference(item, stored))
        item->older = stored->job.delivery.seq - 1;
    else
        import_batch_leave(batch, item, "its letter was changed meanwhile");
}

static int settle_sent(struct import_batch *batch, struct error *error)
{
    int result = fetch(batch, refused_subject, error);
    for (size_t i = 0; i < batch->n; i++) {
        struct import_item *item = &batch->items[i];
        if (!item->settled && item->outcome.kind == PUBACK_STORED)
            item->older = item->replaces;
        else if (!item->settled && item->outcome.kind != PUBACK_EXISTS)
            import_batch_leave(batch, item, "the letter could not be replaced: try again");
        else
            settle_refused(batch, item, &batch->stored[i]);
    }
    stored_messages_clear(batch->stored, batch->n);
    return result;
}

static void report(struct import_batch *batch, struct import_item *item,
                   const struct letter_purge *purge)
{
    if (purge && !purge->gone)
        import_batch_leave(batch, item, purge->why);
    else if (item->differs)
        action_report_done(batch->report, &item->entry);
    else
        action_report_already(batch->report, &item->entry);
    item->settled = true;
}

/* Purges what is older, also where an earlier import was interrupted before it did. */
static int purge_older(struct import_batch *batch, struct error *error)
{
    _cleanup_(cleanup_free) struct letter_entry *older = calloc(batch->n + 1, sizeof *older);
    _cleanup_(cleanup_free) struct letter_purge *purges = calloc(batch->n + 1, sizeof *purges);
    struct letter_purger purger = {.dlq = batch->dlq};
    size_t n = 0, k = 0;
    if (!older || !purges)
        return error_set(error, EX_OSERR, "out of memory");
    for (size_t i = 0; i < batch->n; i++) {
        struct import_item *item = &batch->items[i];
        if (item->settled || item->older == 0)
            continue;
        older[n].message = (struct job){.message = item->entry.message.message,
                                        .subject = item->held,
                                        .delivery.seq = item->older}; /* borrowed */
        purges[n].entry = &older[n];
        n++;
    }
    int result = letter_purger_run(&purger, purges, n, error);
    for (size_t i = 0; i < batch->n; i++) {
        struct import_item *item = &batch->items[i];
        if (!item->settled)
            report(batch, item, item->older ? &purges[k++] : NULL);
    }
    return result;
}

int import_existing_replace(struct import_batch *batch, struct error *error)
{
    if (!batch->replace)
        return 0;
    fault_point("import:replacing");
    if (send_all(batch, error) < 0)
        return -1;
    fault_point("import:replaced");
    return settle_sent(batch, error) < 0 ? -1 : purge_older(batch, error);
}
