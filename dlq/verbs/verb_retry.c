#include "verbs/verbs.h"

#include "base/fault_point.h"
#include "base/rate_limit.h"
#include "base/stop.h"
#include "dlq.h"
#include "letters/bulk_action.h"
#include "letters/letter_purge.h"
#include "letters/originals.h"
#include "letters/requeuer.h"
#include "nats/requester.h"
#include "queue/stream.h"
#include "streams/settings_watch.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* A letter on its way through the stages. */
struct retry_item {
    struct letter_entry *entry;
    const struct job *body; /* the letter itself, or the original of one by reference */
    bool left;              /* said, and nothing more is done about it */
    bool alive;             /* its job is alive again: the letter goes, and nothing is put back */
    struct puback outcome;
};

struct retry {
    struct dlq *dlq;
    struct requester *requester;
    struct requeuer *requeuer;
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

static void leave(struct retry *retry, struct retry_item *item, const char *why)
{
    item->left = true;
    retry->purger.has_all = false; /* it stays in the stream, before those that follow */
    action_report_left(retry->report, item->entry, "%s", why);
}

static void begin(struct retry *retry, struct letter_entry *entries, size_t n)
{
    const char *to = retry->dlq->options->to;
    retry->n = n;
    for (size_t i = 0; i < n; i++) {
        struct retry_item *item = &retry->items[i];
        *item = (struct retry_item){.entry = &entries[i], .body = &entries[i].message};
        if (entries[i].fault && !to)
            leave(retry, item, "what it was cannot be read: give --to SUBJECT, or discard it");
    }
}

/* With a rate, a letter may lie read for a while until its turn comes, and then be gone: somebody
 * else retried it, so long ago perhaps that the stream would not know the job's id any more. */
static int look_again(struct retry *retry, struct error *error)
{
    if (retry->dlq->options->rate <= 0)
        return 0;
    for (size_t i = 0; i < retry->n; i++)
        retry->originals[i] =
            (struct stored_message){.stream = retry->dlq->options->stream,
                                    .seq = retry->items[i].entry->message.delivery.seq};
    int result = stored_messages_fetch(retry->requester, retry->dlq->connection, retry->originals,
                                       retry->n, error);
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
    const struct retry_item *item = &((struct retry *)retry)->items[i];
    const struct letter *letter = &item->entry->letter;
    return !item->left && !item->alive && letter->by_reference ? letter : NULL;
}

/* When the letter holds the body, the original is retired first: a full origin then has room. */
static const struct letter *choose_by_value(void *retry, size_t i)
{
    const struct retry_item *item = &((struct retry *)retry)->items[i];
    const struct letter *letter = &item->entry->letter;
    return !item->left && !item->entry->fault && !letter->by_reference ? letter : NULL;
}

static const struct letter *choose_confirmed(void *retry, size_t i)
{
    const struct retry_item *item = &((struct retry *)retry)->items[i];
    return puback_confirms(&item->outcome) ? choose_by_reference(retry, i) : NULL;
}

static void take_original(struct retry *retry, struct retry_item *item,
                          const struct stored_message *original)
{
    if (original->result == STORED_UNKNOWN)
        leave(retry, item, "its body cannot be read from the origin now");
    else if (original->result == STORED_GONE)
        leave(retry, item, "its body is gone with the original: discard it");
    else
        item->body = &original->job;
}

static int fetch_bodies(struct retry *retry, struct error *error)
{
    int result = originals_fetch(choose_by_reference, retry, retry->n, retry->originals,
                                 retry->requester, retry->dlq->connection, error);
    for (size_t i = 0; i < retry->n; i++)
        if (retry->originals[i].stream)
            take_original(retry, &retry->items[i], &retry->originals[i]);
    return result;
}

static void note_look(void *closure, size_t i, enum retire_outcome outcome)
{
    struct retry *retry = closure;
    retry->items[i].alive = outcome == RETIRE_ALIVE;
}

static void note_retirement(void *closure, size_t i, enum retire_outcome outcome)
{
    struct retry *retry = closure;
    struct retry_item *item = &retry->items[i];
    item->alive = outcome == RETIRE_ALIVE && !puback_confirms(&item->outcome);
    if (outcome == RETIRE_LATER)
        leave(retry, item, "its dead job is still in the origin");
}

static const struct retire_step look_first = {choose_by_reference, true, note_look};
static const struct retire_step retire_first = {choose_by_value, false, note_retirement};
static const struct retire_step retire_after = {choose_confirmed, false, note_retirement};

static int run_step(struct retry *retry, const struct retire_step *step, struct error *error)
{
    return retire_step_run(step, retry, retry->n, retry->requester, retry->dlq->connection, error);
}

static void send_one(struct retry *retry, struct retry_item *item)
{
    struct error error = {0};
    struct letter letter = item->entry->letter;
    if (retry->dlq->options->to)
        letter.subject = retry->dlq->options->to;
    if (item->entry->fault) { /* its identity is that of the letter, in a stream of its own */
        letter.origin = retry->dlq->options->stream;
        letter.stored_at = item->entry->message.delivery.stored_at;
    }
    bool is_letter = item->body == &item->entry->message;
    rate_limit_wait(&retry->rate_limit);
    rate_limit_count(&retry->rate_limit);
    if (stop_requested())
        item->left = true, retry->purger.has_all = false; /* the end tells */
    else if (requeuer_send(retry->requeuer, &letter, item->body, is_letter, &item->outcome,
                           &error) < 0)
        leave(retry, item, error.text);
    fault_point("retry:sent");
}

static void send_all(struct retry *retry)
{
    for (size_t i = 0; i < retry->n; i++)
        if (!retry->items[i].left && !retry->items[i].alive)
            send_one(retry, &retry->items[i]);
    requeuer_flush(retry->requeuer);
    for (size_t i = 0; i < retry->n; i++) {
        struct retry_item *item = &retry->items[i];
        if (item->left || is_settled(item))
            continue;
        item->left = true;
        retry->purger.has_all = false;
        action_report_left(retry->report, item->entry, "the job is not taken: %s %s",
                           puback_kind_text(item->outcome.kind), item->outcome.description);
    }
}

static void conclude(struct retry *retry)
{
    size_t k = 0;
    for (size_t i = 0; i < retry->n; i++) {
        const struct retry_item *item = &retry->items[i];
        if (!is_settled(item))
            continue;
        const struct letter_purge *purge = &retry->purges[k++];
        if (!purge->gone)
            action_report_left(retry->report, item->entry, "it is back, but %s", purge->why);
        else if (item->alive)
            action_report_alive(retry->report, item->entry);
        else if (item->outcome.kind == PUBACK_DUPLICATE)
            action_report_already(retry->report, item->entry);
        else
            action_report_done(retry->report, item->entry);
    }
}

static int remove_all(struct retry *retry, struct error *error)
{
    size_t n = 0;
    for (size_t i = 0; i < retry->n; i++)
        if (is_settled(&retry->items[i]))
            retry->purges[n++] =
                (struct letter_purge){.subject = job_subject(&retry->items[i].entry->message),
                                      .seq = retry->items[i].entry->message.delivery.seq};
    int result = letter_purger_run(&retry->purger, retry->purges, n, error);
    conclude(retry);
    return result;
}

static int run_stages(struct retry *retry, struct error *error)
{
    if (look_again(retry, error) < 0 || run_step(retry, &look_first, error) < 0 ||
        fetch_bodies(retry, error) < 0 || run_step(retry, &retire_first, error) < 0)
        return -1;
    fault_point("retry:retired");
    send_all(retry);
    fault_point("retry:published");
    if (run_step(retry, &retire_after, error) < 0 || remove_all(retry, error) < 0)
        return -1;
    fault_point("retry:purged");
    for (size_t i = 0; i < retry->n; i++)
        if (puback_check(&retry->items[i].outcome, error) < 0)
            return -1;
    return 0;
}

static int retry_batch(void *closure, struct letter_entry *entries, size_t n,
                       struct action_report *report, struct error *error)
{
    struct retry *retry = closure;
    retry->report = report;
    begin(retry, entries, n);
    int result = run_stages(retry, error);
    stored_messages_clear(retry->originals, LETTER_PURGE_MAX);
    return result;
}

/* What is published is removed before the stream forgets its id: a batch takes a second or less. */
static size_t retry_batch_size(const struct retry *retry)
{
    double rate = retry->dlq->options->rate;
    if (rate <= 0 || rate >= READ_BATCH)
        return letter_purger_batch(&retry->purger);
    return rate < 1 ? 1 : (size_t)rate;
}

int verb_retry(struct dlq *dlq, struct error *error)
{
    _cleanup_(cleanup_requester) struct requester *requester = NULL;
    _cleanup_(cleanup_requeuer) struct requeuer *requeuer = NULL;
    _cleanup_(cleanup_free) struct retry *retry = calloc(1, sizeof *retry);
    const char *to = dlq->options->to;
    char stream[256];
    int found = 0;
    if (!retry)
        return error_set(error, EX_OSERR, "out of memory");
    if (to)
        found = stream_of_subject(dlq->connection, to, false, stream, sizeof stream, error);
    if (found != 0)
        return found < 0 ? -1 : error_set(error, EX_TEMPFAIL, "stopped before anything was done");
    if (to && strcmp(stream, dlq->options->stream) == 0)
        return error_set(error, EX_USAGE,
                         "--to '%s' is a subject of stream %s, which holds the letters: give a "
                         "subject of jobs",
                         to, stream);
    if (requester_open(&requester, dlq->connection, error) < 0 ||
        requeuer_open(&requeuer, dlq->connection, to ? NULL : dlq->settings->origin_config, error) <
            0)
        return -1;
    retry->dlq = dlq;
    retry->requester = requester;
    retry->requeuer = requeuer;
    letter_purger_begin(&retry->purger, dlq, requester);
    rate_limit_init(&retry->rate_limit, dlq->options->rate);
    const struct bulk_action action = {.verb = "retry",
                                       .did = "retried",
                                       .already = "back already",
                                       .states = READ_HELD,
                                       .most = retry_batch_size(retry),
                                       .batch = retry_batch,
                                       .closure = retry};
    return bulk_action_run(dlq, &action, error);
}
