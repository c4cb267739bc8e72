#include "verbs/verbs.h"

#include "archive/archive_letters.h"
#include "base/fault_point.h"
#include "base/stop.h"
#include "base/subject.h"
#include "dlq.h"
#include "letter/letter_store.h"
#include "letters/batch_size.h"
#include "letters/bulk_action.h"
#include "letters/letter_table.h"
#include "letters/listing.h"
#include "letters/originals.h"
#include "queue/dlq_subjects.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* A letter of the archive on its way through the steps. */
struct import_item {
    struct letter_entry entry;
    char held[LETTER_SUBJECT_MAX];    /* its subject once it is held */
    char waiting[LETTER_SUBJECT_MAX]; /* its subject if it is waiting already */
    struct job bare;                  /* the letter without the body, which the origin still has */
    bool settled;                     /* reported; later steps skip it */
    struct puback outcome;
};

struct import {
    struct dlq *dlq;
    struct letter_store *letters;
    struct archive_letters archive;
    struct action_report report;
    struct import_item items[READ_BATCH];
    struct stored_message stored[READ_BATCH];
    size_t n;
    struct letter_table *table; /* of a dry run */
};

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

static void leave(struct import *import, struct import_item *item, const char *why)
{
    item->settled = true;
    action_report_left(&import->report, &item->entry, "%s", why);
}

/* 0; 1 at the end of the archive; -1: it is damaged there. */
static int read_batch(struct import *import, struct error *error)
{
    const char *origin = import->dlq->options->origin;
    const struct selection *selection = &import->dlq->options->selection;
    size_t bytes = 0, length;
    import->n = 0;
    while (import->n < action_report_batch(&import->report, READ_BATCH) && bytes < BATCH_BYTES) {
        struct import_item *item = &import->items[import->n];
        if (selection->limit &&
            import->report.done + import->report.found + import->n >= (uint64_t)selection->limit)
            return 1;
        *item = (struct import_item){0};
        int result = archive_letters_next(&import->archive, &item->entry, error);
        if (result != 0)
            return result;
        job_body(&item->entry.message, &length);
        bytes += length;
        import->n++;
        choose_subject(item, origin);
        if (!is_letter_of(origin, job_subject(&item->entry.message)))
            leave(import, item, "it is about another origin");
    }
    return 0;
}

static bool may_wait(const struct import_item *item)
{
    return !item->settled && !item->entry.fault;
}

/* Where to look for the letter among the waiting or the held ones; NULL: not at all. */
static const char *lookup_subject(struct import_item *item, bool among_waiting)
{
    if (among_waiting)
        return may_wait(item) ? letter_subject(&item->entry.letter, SUBJECT_DEAD, item->waiting)
                              : NULL;
    return item->settled ? NULL : item->held;
}

/* Settles the letters that the stream has already. */
static int drop_stored(struct import *import, bool among_waiting, struct error *error)
{
    const struct dlq *dlq = import->dlq;
    for (size_t i = 0; i < import->n; i++) {
        const char *subject = lookup_subject(&import->items[i], among_waiting);
        import->stored[i] = (struct stored_message){.stream = subject ? dlq->options->stream : NULL,
                                                    .last_of = subject};
    }
    int result = stored_messages_fetch(dlq->requester, import->stored, import->n, error);
    for (size_t i = 0; i < import->n; i++) {
        struct import_item *item = &import->items[i];
        const struct stored_message *stored = &import->stored[i];
        if (stored->result == STORED_THERE) {
            item->settled = true;
            action_report_already(&import->report, &item->entry);
        } else if (stored->stream && stored->result == STORED_UNKNOWN) {
            leave(import, item, "the server did not say whether it is stored already");
        }
    }
    stored_messages_clear(import->stored, import->n);
    return result;
}

/* If a waiting letter were held as well, its job would be decided twice. */
static int drop_waiting(struct import *import, struct error *error)
{
    return import->dlq->has_dead ? drop_stored(import, true, error) : 0;
}

static const struct letter *choose_readable(void *import, size_t i)
{
    const struct import_item *item = &((struct import *)import)->items[i];
    return may_wait(item) ? &item->entry.letter : NULL;
}

/* A letter whose job is alive again could be retried while the job runs. */
static void note_original(void *closure, size_t i, enum retire_outcome outcome)
{
    struct import *import = closure;
    struct import_item *item = &import->items[i];
    if (outcome != RETIRE_ALIVE)
        return;
    item->settled = true;
    action_report_alive(&import->report, &item->entry);
}

static const struct retire_step check_alive = {choose_readable, .only_looks = true,
                                               .note = note_original};

static int drop_alive(struct import *import, struct error *error)
{
    return retire_step_run(&check_alive, import, import->n, import->dlq->requester, error);
}

static const struct letter *choose_by_reference(void *import, size_t i)
{
    const struct import_item *item = &((struct import *)import)->items[i];
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

/* By reference as long as the origin has the body, else by value if the archive has it. */
static natsStatus settle_reference(struct import_item *item, const struct stored_message *original)
{
    size_t length;
    job_body(&item->entry.message, &length);
    if (original->result == STORED_THERE)
        return make_bare(item);
    return length > 0 ? natsMsgHeader_Delete(item->entry.message.message, LETTER_BODY) : NATS_OK;
}

static int settle_references(struct import *import, struct error *error)
{
    int result = originals_fetch(choose_by_reference, import, import->n, import->stored,
                                 import->dlq->requester, error);
    for (size_t i = 0; i < import->n; i++) {
        struct import_item *item = &import->items[i];
        const struct stored_message *original = &import->stored[i];
        if (original->stream &&
            (original->result == STORED_UNKNOWN || settle_reference(item, original) != NATS_OK))
            leave(import, item, "the server did not say whether the origin has its body");
    }
    return result;
}

static int store_all(struct import *import, struct error *error)
{
    int result = 0;
    for (size_t i = 0; i < import->n; i++) {
        struct import_item *item = &import->items[i];
        const struct job *from = item->bare.message ? &item->bare : &item->entry.message;
        uint64_t retries = item->entry.fault ? LETTER_STORE_UNREADABLE : item->entry.letter.retries;
        if (!item->settled && letter_store_copy(import->letters, item->held, from, retries,
                                                &item->outcome, error) < 0)
            result = -1;
        fault_point("import:sent");
    }
    return letter_store_flush(import->letters, error) < 0 ? -1 : result;
}

static void report_stored(struct import *import)
{
    for (size_t i = 0; i < import->n; i++) {
        struct import_item *item = &import->items[i];
        if (item->settled)
            continue;
        if (!puback_confirms(&item->outcome))
            action_report_left(&import->report, &item->entry, "the letter was not stored: %s %s",
                               puback_kind_text(item->outcome.kind), item->outcome.description);
        else if (item->outcome.kind == PUBACK_EXISTS)
            action_report_already(&import->report, &item->entry);
        else
            action_report_done(&import->report, &item->entry);
    }
}

static int import_batch(struct import *import, struct error *error)
{
    if (drop_waiting(import, error) < 0 || drop_alive(import, error) < 0 ||
        settle_references(import, error) < 0)
        return -1;
    int result = store_all(import, error);
    fault_point("import:stored");
    report_stored(import);
    return result;
}

static void show_letter(struct import *import, struct letter_entry *entry)
{
    if (import->dlq->options->json)
        listing_print_json(listing_letter_json(entry));
    else
        letter_table_add(import->table, entry);
}

static int show_batch(struct import *import, struct error *error)
{
    if (drop_waiting(import, error) < 0 || drop_alive(import, error) < 0 ||
        drop_stored(import, false, error) < 0)
        return -1;
    for (size_t i = 0; i < import->n; i++) {
        if (import->items[i].settled)
            continue;
        show_letter(import, &import->items[i].entry);
        import->report.done++;
    }
    return 0;
}

static void clear_batch(struct import *import)
{
    for (size_t i = 0; i < import->n; i++) {
        letter_entry_clear(&import->items[i].entry);
        job_clear(&import->items[i].bare);
    }
    stored_messages_clear(import->stored, READ_BATCH);
}

/* The whole letters of a damaged archive are imported before the damage is reported. */
static int import_all(struct import *import, struct error *error)
{
    struct error damage = {0}, ignored = {0};
    uint64_t at = 0;
    int read, result;
    do {
        archive_letters_position(&import->archive, &at, &import->report.of);
        action_report_reach(&import->report, at);
        read = read_batch(import, &damage);
        result =
            import->dlq->options->dry_run ? show_batch(import, error) : import_batch(import, error);
        clear_batch(import);
        if (result == 0)
            result = action_report_flush(&import->report, error);
    } while (read == 0 && result == 0 && !stop_requested());
    if (import->dlq->options->dry_run && !import->dlq->options->json)
        letter_table_end(import->table);
    int ended = action_report_end(&import->report, result < 0 || read < 0 ? &ignored : error);
    if (result == 0 && read < 0) {
        *error = damage;
        return -1;
    }
    if (read == 1)
        archive_letters_warn_without_end(&import->archive);
    if (result == 0 && ended == 0 && read == 1)
        return archive_letters_check_seqs(&import->archive, error);
    return result < 0 ? result : ended;
}

static int ask(struct import *import, struct error *error)
{
    struct letter_summary summary = {0};
    char what[40] = "the letters", question[400];
    if (import->dlq->options->dry_run || import->dlq->options->yes)
        return 0;
    if (archive_letters_summarize(&import->archive, &summary, error) < 0)
        return -1;
    if (summary.n > 0)
        snprintf(what, sizeof what, "%" PRIu64 " letter%s", summary.n, summary.n == 1 ? "" : "s");
    snprintf(question, sizeof question, "import %s of %.300s and hold %s?", what,
             import->archive.reader.name, summary.n == 1 ? "it" : "them");
    return bulk_action_ask_about(import->dlq, &summary, question, error);
}

static int import_from_archive(struct import *import, struct error *error)
{
    _cleanup_(cleanup_letter_store) struct letter_store *letters = NULL;
    const struct dlq *dlq = import->dlq;
    if (archive_letters_open(&import->archive, dlq, error) < 0)
        return -1;
    int asked = ask(import, error);
    if (asked != 0)
        return asked;
    if (letter_store_open(&letters, dlq->connection, dlq->options->stream, READ_BATCH, error) < 0)
        return -1;
    import->letters = letters;
    action_report_begin(&import->report, dlq, dlq->options->dry_run ? "to import" : "imported",
                        "there already");
    return import_all(import, error);
}

int verb_import(struct dlq *dlq, struct error *error)
{
    _cleanup_(cleanup_free) struct import *import = calloc(1, sizeof *import);
    _cleanup_(cleanup_letter_table) struct letter_table *table = NULL;
    if (!import)
        return error_set(error, EX_OSERR, "out of memory");
    if (dlq_require(dlq, 1 << DLQ_HELD, "import", error) < 0 ||
        letter_table_open(&table, dlq, error) < 0)
        return -1;
    import->dlq = dlq;
    import->table = table;
    int result = import_from_archive(import, error);
    archive_letters_close(&import->archive);
    return result;
}
