#include "archive/import_batch.h"

#include "archive/import_existing.h"
#include "base/fault_point.h"
#include "base/subject.h"
#include "dlq.h"
#include "letters/originals.h"
#include "queue/dlq_subjects.h"

#include <string.h>

static bool is_letter_of(const char *origin, const char *subject)
{
    char dead[DLQ_SUBJECT_MAX], held[DLQ_SUBJECT_MAX];
    return subject_covers(dlq_subject(DLQ_DEAD, origin, dead), subject) ||
           subject_covers(dlq_subject(DLQ_HELD, origin, held), subject);
}

/* An unreadable letter that was held keeps its subject. */
static void choose_subject(struct import_item *item, const char *origin)
{
    char unreadable[LETTER_SUBJECT_MAX];
    const char *subject = job_subject(&item->entry.message);
    const struct letter *letter = &item->entry.letter;
    letter_filter(SUBJECT_HELD, origin, LETTER_UNREADABLE, 0, unreadable);
    if (!item->entry.fault)
        letter_subject(letter, SUBJECT_HELD, item->held);
    else if (subject_covers(unreadable, subject))
        snprintf(item->held, sizeof item->held, "%s", subject);
    else
        letter_unreadable_subject(origin, letter->seq, letter->died_at, item->held);
}

void import_batch_add(struct import_batch *batch, const struct letter_entry *entry)
{
    const char *origin = batch->dlq->options->origin;
    struct import_item *item = &batch->items[batch->n++];
    *item = (struct import_item){.entry = *entry};
    choose_subject(item, origin);
    if (!is_letter_of(origin, job_subject(&item->entry.message)))
        import_batch_leave(batch, item, "it is about another origin");
}

static const struct letter *choose_readable(void *batch, size_t i)
{
    const struct import_item *item = &((struct import_batch *)batch)->items[i];
    return !item->settled && !item->entry.fault ? &item->entry.letter : NULL;
}

/* A letter whose job is alive again could be retried while the job runs. */
static void note_original(void *closure, size_t i, enum retire_outcome outcome)
{
    struct import_batch *batch = closure;
    struct import_item *item = &batch->items[i];
    if (outcome != RETIRE_ALIVE)
        return;
    item->settled = true;
    action_report_alive(batch->report, &item->entry);
}

static const struct retire_step check_alive = {choose_readable, .only_looks = true,
                                               .note = note_original};

static int drop_alive(struct import_batch *batch, struct error *error)
{
    return retire_step_run(&check_alive, batch, batch->n, batch->dlq->requester, error);
}

static const struct letter *choose_by_reference(void *batch, size_t i)
{
    const struct import_item *item = &((struct import_batch *)batch)->items[i];
    return !item->settled && item->entry.letter.by_reference ? &item->entry.letter : NULL;
}

/* The letter's headers without its body. */
static natsStatus make_bare(struct import_item *item)
{
    natsStatus s = natsMsg_Create(&item->bare.message, item->held, NULL, NULL, 0);
    return s == NATS_OK
               ? letter_copy(&item->entry.message, item->entry.letter.retries, item->bare.message)
               : s;
}

static natsStatus make_by_value(struct import_item *item, bool is_edited)
{
    natsMsg *message = item->entry.message.message;
    natsStatus s = natsMsgHeader_Delete(message, LETTER_BODY);
    item->entry.letter.by_reference = false;
    return s == NATS_OK && is_edited ? natsMsgHeader_Set(message, LETTER_EDITED, "body") : s;
}

/* By reference as long as the origin has the body, else by value if the archive has it. A body that
 * was edited in the archive is another one. */
static natsStatus settle_reference(struct import_item *item, const struct stored_message *original)
{
    size_t length, original_length;
    const char *body = job_body(&item->entry.message, &length);
    if (original->result != STORED_THERE)
        return length > 0 ? make_by_value(item, false) : NATS_OK;
    const char *original_body = job_body(&original->job, &original_length);
    bool is_edited =
        length > 0 && (length != original_length || memcmp(body, original_body, length) != 0);
    return is_edited ? make_by_value(item, true) : make_bare(item);
}

static int settle_references(struct import_batch *batch, struct error *error)
{
    int result = originals_fetch(choose_by_reference, batch, batch->n, batch->stored,
                                 batch->dlq->requester, error);
    for (size_t i = 0; i < batch->n; i++) {
        struct import_item *item = &batch->items[i];
        const struct stored_message *original = &batch->stored[i];
        if (original->stream &&
            (original->result == STORED_UNKNOWN || settle_reference(item, original) != NATS_OK))
            import_batch_leave(batch, item,
                               "the server did not say whether the origin has its body");
    }
    stored_messages_clear(batch->stored, batch->n);
    return result;
}

static int prepare(struct import_batch *batch, struct error *error)
{
    return settle_references(batch, error) < 0 || import_existing_waiting(batch, error) < 0
               ? -1
               : drop_alive(batch, error);
}

static int store_all(struct import_batch *batch, struct error *error)
{
    int result = 0;
    for (size_t i = 0; i < batch->n; i++) {
        struct import_item *item = &batch->items[i];
        if (!item->settled &&
            letter_store_copy(batch->letters, item->held, import_item_message(item),
                              import_item_retries(item), &item->outcome, error) < 0)
            result = -1;
        fault_point("import:sent");
    }
    return letter_store_flush(batch->letters, error) < 0 ? -1 : result;
}

static void report_stored(struct import_batch *batch)
{
    for (size_t i = 0; i < batch->n; i++) {
        struct import_item *item = &batch->items[i];
        if (item->settled || item->outcome.kind == PUBACK_EXISTS)
            continue;
        item->settled = true;
        if (puback_confirms(&item->outcome))
            action_report_done(batch->report, &item->entry);
        else
            action_report_left(batch->report, &item->entry, "the letter was not stored: %s %s",
                               puback_kind_text(item->outcome.kind), item->outcome.description);
    }
}

int import_batch_store(struct import_batch *batch, struct error *error)
{
    if (prepare(batch, error) < 0)
        return -1;
    int result = store_all(batch, error);
    fault_point("import:stored");
    report_stored(batch);
    if (result < 0)
        return -1;
    return import_existing_held(batch, error) < 0 ? -1 : import_existing_replace(batch, error);
}

int import_batch_look(struct import_batch *batch, struct error *error)
{
    return prepare(batch, error) < 0 ? -1 : import_existing_held(batch, error);
}

void import_batch_clear(struct import_batch *batch)
{
    for (size_t i = 0; i < batch->n; i++) {
        letter_entry_clear(&batch->items[i].entry);
        job_clear(&batch->items[i].bare);
    }
    batch->n = 0;
}
