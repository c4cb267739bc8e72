#include "bulk/letter_retrier.h"

#include "base/clock.h"
#include "base/fault_point.h"
#include "base/rate_limit.h"
#include "base/stop.h"
#include "dlq.h"
#include "letters/letter_purge.h"
#include "letters/originals.h"
#include "letters/requeuer.h"
#include "queue/stream.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* A letter on its way through the steps. */
struct retry_item {
    const struct letter_entry *entry;
    const struct job *body; /* the letter itself, or the original of a letter by reference */
    bool left;              /* reported; later steps skip it */
    bool alive; /* its job is alive again: the letter is removed, and nothing is put back */
    struct puback outcome;
};

struct letter_retrier {
    struct dlq *dlq;
    struct requeuer *requeuer;
    const struct job_edit *edit;
    struct rate_limit rate_limit;
    struct action_report *report;
    struct letter_purger purger;
    struct retry_item items[LETTER_PURGE_MAX];
    struct stored_message originals[LETTER_PURGE_MAX];
    struct letter_purge purges[LETTER_PURGE_MAX];
    size_t n;
};

/* The letter may be removed. */
static bool is_settled(const struct retry_item *item)
{
    return !item->left && (item->alive || puback_confirms(&item->outcome));
}

/* A letter that stays in the stream is a gap before those that follow. */
static void leave(struct letter_retrier *retry, struct retry_item *item, const char *why)
{
    item->left = true;
    retry->purger.has_all = false;
    action_report_left(retry->report, item->entry, "%s", why);
}

static void begin(struct letter_retrier *retry, const struct letter_entry *entries, size_t n)
{
    retry->n = n;
    for (size_t i = 0; i < n; i++) {
        struct retry_item *item = &retry->items[i];
        *item = (struct retry_item){.entry = &entries[i], .body = &entries[i].message};
        if (entries[i].fault && !retry->dlq->options->to)
            leave(retry, item, "its subject cannot be read: give --to SUBJECT, or discard it");
    }
}

/* With a rate, a letter that was read may wait for a while. Meanwhile another process may have
 * retried it, perhaps so long ago that the stream has forgotten the job's message id. */
static int drop_removed(struct letter_retrier *retry, struct error *error)
{
    const struct dlq *dlq = retry->dlq;
    if (dlq->options->rate <= 0)
        return 0;
    for (size_t i = 0; i < retry->n; i++)
        retry->originals[i] = (struct stored_message){
            .stream = dlq->options->stream, .seq = retry->items[i].entry->message.delivery.seq};
    int result = stored_messages_fetch(dlq->requester, retry->originals, retry->n, error);
    for (size_t i = 0; i < retry->n; i++) {
        struct retry_item *item = &retry->items[i];
        if (item->left || retry->originals[i].result != STORED_GONE)
            continue;
        item->left = true;
        action_report_already(retry->report, item->entry);
    }
    stored_messages_clear(retry->originals, retry->n);
    return result;
}

static const struct letter *choose_by_reference(void *retry, size_t i)
{
    const struct retry_item *item = &((struct letter_retrier *)retry)->items[i];
    const struct letter *letter = &item->entry->letter;
    return !item->left && !item->alive && letter->by_reference ? letter : NULL;
}

/* When the letter holds the body, the original is retired first: a full origin then has room. */
static const struct letter *choose_by_value(void *retry, size_t i)
{
    const struct retry_item *item = &((struct letter_retrier *)retry)->items[i];
    const struct letter *letter = &item->entry->letter;
    return !item->left && !item->entry->fault && !letter->by_reference ? letter : NULL;
}

static const struct letter *choose_confirmed(void *retry, size_t i)
{
    const struct retry_item *item = &((struct letter_retrier *)retry)->items[i];
    return puback_confirms(&item->outcome) ? choose_by_reference(retry, i) : NULL;
}

static const struct letter *choose_alive(void *retry, size_t i)
{
    const struct retry_item *item = &((struct letter_retrier *)retry)->items[i];
    return !item->left && item->alive ? &item->entry->letter : NULL;
}

static void note_check(void *closure, size_t i, enum retire_outcome outcome)
{
    struct letter_retrier *retry = closure;
    retry->items[i].alive = outcome == RETIRE_ALIVE;
}

static void note_retirement(void *closure, size_t i, enum retire_outcome outcome)
{
    struct letter_retrier *retry = closure;
    struct retry_item *item = &retry->items[i];
    item->alive = outcome == RETIRE_ALIVE && !puback_confirms(&item->outcome);
    if (outcome == RETIRE_LATER)
        leave(retry, item, "its dead job is still in the origin");
}

/* If the job has died again, a sweep may have found this letter. */
static void note_recheck(void *closure, size_t i, enum retire_outcome outcome)
{
    struct letter_retrier *retry = closure;
    if (outcome != RETIRE_ALIVE)
        leave(retry, &retry->items[i], "its job was alive again: look again");
}

static const struct retire_step check_alive = {choose_by_reference, .only_looks = true,
                                               .note = note_check};
static const struct retire_step retire_before = {choose_by_value, .note = note_retirement};
static const struct retire_step retire_after = {choose_confirmed, .note = note_retirement};
static const struct retire_step recheck_alive = {choose_alive, .only_looks = true,
                                                 .note = note_recheck};

static int run_step(struct letter_retrier *retry, const struct retire_step *step,
                    struct error *error)
{
    return retire_step_run(step, retry, retry->n, retry->dlq->requester, error);
}

static void take_original(struct letter_retrier *retry, struct retry_item *item,
                          const struct stored_message *original)
{
    if (original->result == STORED_UNKNOWN)
        leave(retry, item, "its body cannot be read from the origin now");
    else if (original->result == STORED_GONE && retry->edit->has_body)
        item->body = &item->entry->message; /* the edited body stands in for it */
    else if (original->result == STORED_GONE)
        leave(retry, item, "its body is gone with the original: discard it");
    else
        item->body = &original->job;
}

static int fetch_bodies(struct letter_retrier *retry, struct error *error)
{
    int result = originals_fetch(choose_by_reference, retry, retry->n, retry->originals,
                                 retry->dlq->requester, error);
    for (size_t i = 0; i < retry->n; i++)
        if (retry->originals[i].stream)
            take_original(retry, &retry->items[i], &retry->originals[i]);
    return result;
}

static void send_one(struct letter_retrier *retry, struct retry_item *item)
{
    struct error error = {0};
    const struct dlq_options *options = retry->dlq->options;
    struct letter letter = item->entry->letter;
    if (options->to)
        letter.subject = options->to;
    if (item->entry->fault) { /* the message id is made from its place in the DLQ stream */
        letter.origin = options->stream;
        letter.stored_at = item->entry->message.delivery.stored_at;
    }
    bool is_letter = item->body == &item->entry->message;
    rate_limit_wait(&retry->rate_limit);
    rate_limit_count(&retry->rate_limit);
    if (stop_requested()) /* action_report_end says so */
        item->left = true, retry->purger.has_all = false;
    else if (requeuer_send(retry->requeuer, &letter, item->body, is_letter, retry->edit,
                           &item->outcome, &error) < 0)
        leave(retry, item, error.text);
    fault_point("retry:sent");
}

static void send_all(struct letter_retrier *retry)
{
    for (size_t i = 0; i < retry->n; i++)
        if (!retry->items[i].left && !retry->items[i].alive)
            send_one(retry, &retry->items[i]);
    requeuer_flush(retry->requeuer);
    for (size_t i = 0; i < retry->n; i++) {
        struct retry_item *item = &retry->items[i];
        char why[256];
        snprintf(why, sizeof why, "the job was not stored: %s %s",
                 puback_kind_text(item->outcome.kind), item->outcome.description);
        if (!item->left && !is_settled(item))
            leave(retry, item, why);
    }
}

static void report_purges(struct letter_retrier *retry, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const struct letter_purge *purge = &retry->purges[i];
        const struct retry_item *item = &retry->items[purge->entry - retry->items[0].entry];
        if (!purge->gone)
            action_report_left(retry->report, item->entry, "the job is back, but %s", purge->why);
        else if (item->alive)
            action_report_alive(retry->report, item->entry);
        else if (item->outcome.kind == PUBACK_DUPLICATE)
            action_report_already(retry->report, item->entry);
        else
            action_report_done(retry->report, item->entry);
    }
}

static int recheck(struct letter_retrier *retry, struct error *error)
{
    int64_t begin = clock_now();
    int result = run_step(retry, &recheck_alive, error);
    fault_point("retry:rechecked");
    for (size_t i = 0; i < retry->n && retire_look_is_old(begin); i++)
        if (choose_alive(retry, i))
            note_recheck(retry, i, RETIRE_LATER);
    return result;
}

static int purge_settled(struct letter_retrier *retry, struct error *error)
{
    size_t n = 0;
    for (size_t i = 0; i < retry->n; i++)
        if (is_settled(&retry->items[i]))
            retry->purges[n++] = (struct letter_purge){.entry = retry->items[i].entry};
    int result = letter_purger_run(&retry->purger, retry->purges, n, error);
    report_purges(retry, n);
    return result;
}

static int run_steps(struct letter_retrier *retry, struct error *error)
{
    if (drop_removed(retry, error) < 0 || run_step(retry, &check_alive, error) < 0 ||
        fetch_bodies(retry, error) < 0 || run_step(retry, &retire_before, error) < 0)
        return -1;
    fault_point("retry:retired");
    send_all(retry);
    fault_point("retry:published");
    if (run_step(retry, &retire_after, error) < 0 || recheck(retry, error) < 0 ||
        purge_settled(retry, error) < 0)
        return -1;
    fault_point("retry:purged");
    for (size_t i = 0; i < retry->n; i++)
        if (puback_check(&retry->items[i].outcome, error) < 0)
            return -1;
    return 0;
}

int letter_retrier_run(struct letter_retrier *retry, const struct letter_entry *entries, size_t n,
                       struct action_report *report, struct error *error)
{
    retry->report = report;
    begin(retry, entries, n);
    int result = run_steps(retry, error);
    stored_messages_clear(retry->originals, n);
    return result;
}

/* With a rate, a batch takes a second or less: each letter is removed before the stream forgets the
 * message id of its job. */
size_t letter_retrier_batch(const struct letter_retrier *retry)
{
    double rate = retry->dlq->options->rate;
    if (rate <= 0 || rate >= READ_BATCH)
        return letter_purger_batch(&retry->purger);
    return rate < 1 ? 1 : (size_t)rate;
}

static int check_stream_of_to(struct dlq *dlq, struct error *error)
{
    const char *to = dlq->options->to;
    char stream[256];
    int found = stream_of_subject(dlq->connection, to, false, stream, sizeof stream, error);
    if (found != 0)
        return found < 0 ? -1 : error_set(error, EX_TEMPFAIL, "stopped before anything was done");
    if (strcmp(stream, dlq->options->stream) != 0)
        return 0;
    return error_set(error, EX_USAGE,
                     "--to '%s' is a subject of stream %s, which holds the letters: give a "
                     "subject of jobs",
                     to, stream);
}

int letter_retrier_open(struct letter_retrier **opened, struct dlq *dlq,
                        const struct json_t *origin_config, const struct job_edit *edit,
                        struct error *error)
{
    const char *to = dlq->options->to;
    _cleanup_(cleanup_letter_retrier) struct letter_retrier *retry = calloc(1, sizeof *retry);
    if (!retry)
        return error_set(error, EX_OSERR, "out of memory");
    if ((to && check_stream_of_to(dlq, error) < 0) ||
        requeuer_open(&retry->requeuer, dlq->connection, to ? NULL : origin_config, error) < 0)
        return -1;
    retry->dlq = dlq;
    retry->edit = edit;
    retry->purger.dlq = dlq;
    retry->purger.has_all = selection_is_all(&dlq->options->selection);
    rate_limit_init(&retry->rate_limit, dlq->options->rate);
    *opened = take(retry);
    return 0;
}

void letter_retrier_close(struct letter_retrier *retry)
{
    if (!retry)
        return;
    requeuer_close(retry->requeuer);
    free(retry);
}
