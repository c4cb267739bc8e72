#include "verbs/verbs.h"

#include "archive/archive.h"
#include "base/fault_point.h"
#include "base/stop.h"
#include "base/subject.h"
#include "base/timestamp.h"
#include "dlq.h"
#include "letter/letter_store.h"
#include "letters/bulk_action.h"
#include "letters/listing.h"
#include "letters/originals.h"
#include "nats/requester.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { BATCH_BYTES = 16 * 1024 * 1024 };

/* A letter of the archive on its way through the stages. */
struct import_item {
    struct letter_entry entry;
    char subject[LETTER_SUBJECT_MAX]; /* where it is to be held */
    char waiting[LETTER_SUBJECT_MAX]; /* where it would wait */
    struct job bare;                  /* it without its body, which the origin still has */
    bool settled;                     /* the report knows of it */
    struct puback outcome;
};

struct import {
    struct dlq *dlq;
    struct requester *requester;
    struct letter_store *letters;
    struct archive_reader reader;
    struct action_report report;
    struct import_item items[READ_BATCH];
    struct stored_message stored[READ_BATCH];
    size_t n;
};

static bool is_under(const char *place, const char *state, const char *origin, const char *consumer)
{
    char filter[LETTER_SUBJECT_MAX];
    return subject_covers(letter_filter(state, origin, consumer, 0, filter), place);
}

/* Where it is to be held; what cannot be read keeps its place. False: it is of another origin. */
static bool find_place(const struct import *import, struct import_item *item)
{
    const char *origin = import->dlq->options->origin, *place = job_subject(&item->entry.message);
    const struct letter *letter = &item->entry.letter;
    if (!item->entry.fault)
        letter_subject(letter, LETTER_HELD, item->subject);
    else if (is_under(place, LETTER_HELD, origin, LETTER_UNREADABLE))
        snprintf(item->subject, sizeof item->subject, "%s", place);
    else
        letter_unreadable_subject(origin, letter->seq, letter->died_at, item->subject);
    return is_under(place, LETTER_DEAD, origin, NULL) || is_under(place, LETTER_HELD, origin, NULL);
}

static void leave(struct import *import, struct import_item *item, const char *why)
{
    item->settled = true;
    action_report_left(&import->report, &item->entry, "%s", why);
}

/* 0; 1 at the end of the archive; -1: it is damaged there. */
static int take_batch(struct import *import, struct error *error)
{
    const struct selection *selection = &import->dlq->options->selection;
    size_t bytes = 0, length;
    import->n = 0;
    while (import->n < action_report_batch(&import->report, READ_BATCH) && bytes < BATCH_BYTES) {
        struct job message;
        struct import_item *item = &import->items[import->n];
        if (selection->limit &&
            import->report.done + import->report.found + import->n >= (uint64_t)selection->limit)
            return 1;
        int result = archive_read(&import->reader, &message, error);
        if (result != 0)
            return result;
        *item = (struct import_item){0};
        letter_entry_read(&item->entry, &message, import->dlq->options->origin);
        if (!selection_matches(selection, &item->entry.letter, timestamp_now())) {
            letter_entry_clear(&item->entry);
            continue;
        }
        job_body(&item->entry.message, &length);
        bytes += length;
        import->n++;
        if (!find_place(import, item))
            leave(import, item, "it is of another origin");
    }
    return 0;
}

static bool may_wait(const struct import_item *item)
{
    return !item->settled && !item->entry.fault;
}

typedef const char *place(struct import_item *item); /* of the letter; NULL: not asked for */

static const char *waiting_place(struct import_item *item)
{
    return may_wait(item) ? letter_subject(&item->entry.letter, LETTER_DEAD, item->waiting) : NULL;
}

static const char *held_place(struct import_item *item)
{
    return item->settled ? NULL : item->subject;
}

/* Settles the letters that are there already. */
static int look_among(struct import *import, place *place_of, struct error *error)
{
    for (size_t i = 0; i < import->n; i++) {
        const char *subject = place_of(&import->items[i]);
        import->stored[i] = (struct stored_message){
            .stream = subject ? import->dlq->options->stream : NULL, .last_of = subject};
    }
    int result = stored_messages_fetch(import->requester, import->dlq->connection, import->stored,
                                       import->n, error);
    for (size_t i = 0; i < import->n; i++) {
        struct import_item *item = &import->items[i];
        const struct stored_message *stored = &import->stored[i];
        if (!stored->stream)
            continue;
        if (stored->result == STORED_UNKNOWN) {
            leave(import, item, "the server does not say whether it is there already");
        } else if (stored->result == STORED_THERE) {
            item->settled = true;
            action_report_already(&import->report, &item->entry);
        }
    }
    stored_messages_clear(import->stored, import->n);
    return result;
}

/* One that waits for a decision is there already: held as well, its job would be decided twice. */
static int look_among_waiting(struct import *import, struct error *error)
{
    return import->dlq->has_dead ? look_among(import, waiting_place, error) : 0;
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

static const struct retire_step check_alive = {choose_readable, true, note_original};

static int look_whether_alive(struct import *import, struct error *error)
{
    return retire_step_run(&check_alive, import, import->n, import->requester,
                           import->dlq->connection, error);
}

static const struct letter *choose_by_reference(void *import, size_t i)
{
    const struct import_item *item = &((struct import *)import)->items[i];
    return !item->settled && item->entry.letter.by_reference ? &item->entry.letter : NULL;
}

/* The same without its body: headers and place. */
static natsStatus make_bare(struct import_item *item)
{
    natsStatus s = natsMsg_Create(&item->bare.message, item->subject, NULL, NULL, 0);
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
                                 import->requester, import->dlq->connection, error);
    for (size_t i = 0; i < import->n; i++) {
        struct import_item *item = &import->items[i];
        const struct stored_message *original = &import->stored[i];
        if (original->stream &&
            (original->result == STORED_UNKNOWN || settle_reference(item, original) != NATS_OK))
            leave(import, item, "the server does not say whether the origin has its body");
    }
    return result;
}

static int store_all(struct import *import, struct error *error)
{
    int result = 0;
    for (size_t i = 0; i < import->n; i++) {
        struct import_item *item = &import->items[i];
        const struct job *from = item->bare.message ? &item->bare : &item->entry.message;
        uint64_t retries = item->entry.fault ? UINT64_MAX : item->entry.letter.retries;
        if (!item->settled && letter_store_copy(import->letters, item->subject, from, retries,
                                                &item->outcome, error) < 0)
            result = -1;
        fault_point("import:sent");
    }
    return letter_store_flush(import->letters, error) < 0 ? -1 : result;
}

static void conclude(struct import *import)
{
    for (size_t i = 0; i < import->n; i++) {
        struct import_item *item = &import->items[i];
        if (item->settled)
            continue;
        if (!puback_confirms(&item->outcome))
            action_report_left(&import->report, &item->entry, "it is not taken: %s %s",
                               puback_kind_text(item->outcome.kind), item->outcome.description);
        else if (item->outcome.kind == PUBACK_EXISTS)
            action_report_already(&import->report, &item->entry);
        else
            action_report_done(&import->report, &item->entry);
    }
}

static int import_batch(struct import *import, struct error *error)
{
    if (look_among_waiting(import, error) < 0 || look_whether_alive(import, error) < 0 ||
        settle_references(import, error) < 0)
        return -1;
    int result = store_all(import, error);
    fault_point("import:stored");
    conclude(import);
    return result;
}

static int show_batch(struct import *import, struct error *error)
{
    if (look_among_waiting(import, error) < 0 || look_whether_alive(import, error) < 0 ||
        look_among(import, held_place, error) < 0)
        return -1;
    for (size_t i = 0; i < import->n; i++) {
        if (import->items[i].settled)
            continue;
        if (!import->dlq->options->json)
            listing_print_row(&import->items[i].entry);
        else
            listing_print_json(listing_letter_json(&import->items[i].entry));
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

/* What is whole in a damaged archive is imported too. */
static int run(struct import *import, struct error *error)
{
    struct error damage = {0};
    int read, result;
    action_report_begin(&import->report, import->dlq,
                        import->dlq->options->dry_run ? "to import" : "imported", "there already");
    do {
        read = take_batch(import, &damage);
        result =
            import->dlq->options->dry_run ? show_batch(import, error) : import_batch(import, error);
        clear_batch(import);
        if (result == 0)
            result = action_report_flush(&import->report, error);
    } while (read == 0 && result == 0 && !stop_requested());
    struct error ignored = {0};
    int ended = action_report_end(&import->report, result < 0 || read < 0 ? &ignored : error);
    if (result == 0 && read < 0) {
        *error = damage;
        return -1;
    }
    if (read == 1 && import->reader.jsonl && !import->reader.ended &&
        import->dlq->options->selection.limit == 0)
        log_warn(import->dlq->log,
                 "%s has no last line that says it is whole: unless somebody chose among its "
                 "lines, it is cut off",
                 import->reader.name);
    return result < 0 ? result : ended;
}

static int open_archive(struct import *import, FILE **file, struct error *error)
{
    const char *name = import->dlq->options->file;
    bool is_stdin = !name || strcmp(name, "-") == 0;
    *file = is_stdin ? stdin : fopen(name, "re");
    if (!*file)
        return error_set(error, EX_NOINPUT, "cannot read '%s': %s", name, strerror(errno));
    return archive_open(&import->reader, *file, is_stdin ? "stdin" : name, error);
}

static int import_from(struct import *import, struct error *error)
{
    _cleanup_(cleanup_file) FILE *file = NULL;
    _cleanup_(cleanup_requester) struct requester *requester = NULL;
    _cleanup_(cleanup_letter_store) struct letter_store *letters = NULL;
    char question[400];
    if (open_archive(import, &file, error) < 0)
        return -1;
    snprintf(question, sizeof question, "import the letters of %.300s and hold them?",
             import->reader.name);
    if (!import->dlq->options->dry_run && !bulk_action_confirm(import->dlq, question))
        return 1;
    if (requester_open(&requester, import->dlq->connection, error) < 0 ||
        letter_store_open(&letters, import->dlq->connection, import->dlq->options->stream,
                          READ_BATCH, error) < 0)
        return -1;
    import->requester = requester;
    import->letters = letters;
    return run(import, error);
}

int verb_import(struct dlq *dlq, struct error *error)
{
    _cleanup_(cleanup_free) struct import *import = calloc(1, sizeof *import);
    if (!import)
        return error_set(error, EX_OSERR, "out of memory");
    char held[DLQ_SUBJECT_MAX];
    if (!dlq->has_held)
        return error_set(error, EX_CONFIG,
                         "stream %s takes no held letters: add the subject %s to it",
                         dlq->options->stream, dlq_subject(DLQ_HELD, dlq->options->origin, held));
    import->dlq = dlq;
    int result = import_from(import, error);
    archive_close(&import->reader);
    return result;
}
