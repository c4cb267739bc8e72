#include "letter/retire.h"

#include "base/clock.h"
#include "base/duration.h"
#include "base/fault_point.h"
#include "base/stop.h"
#include "letter/liveness.h"
#include "queue/durable.h"
#include "queue/stored_messages.h"
#include "queue/stream.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

/* Short, since the server does not answer for a job that the consumer never delivered. */
static const int64_t answer_wait = 1 * DURATION_S;
static const int64_t look_interval = 200 * DURATION_MS;
static const int64_t look_valid = 3 * DURATION_S;
enum {
    LOOKS = 5, /* on R3 a removal takes effect a moment later */
    MANY = 8,  /* jobs, for which the stream's first sequence is worth a request */
};

struct batch {
    struct requester *requester;
    struct retirement *items;
    size_t n;
    struct stored_message *stored; /* the messages of the items that are not settled */
    struct request *requests;
    size_t *sent; /* the item of each request */
    bool *acked;  /* by item: the server confirmed the acknowledgement */
};

bool retire_look_is_old(int64_t begin)
{
    return clock_now() - begin > look_valid;
}

static bool is_same(const struct retirement *item, const struct stored_message *stored)
{
    return stored->job.delivery.stored_at == item->letter->stored_at &&
           strcmp(job_subject(&stored->job), item->letter->subject) == 0;
}

static enum retire_outcome look(const struct retirement *item, const struct stored_message *stored)
{
    if (stored->result == STORED_GONE)
        return RETIRE_GONE;
    if (stored->result == STORED_UNKNOWN)
        return RETIRE_LATER;
    return is_same(item, stored) ? RETIRE_ALIVE : RETIRE_OTHER;
}

static bool is_settled(const struct retirement *item)
{
    return item->outcome == RETIRE_GONE || item->outcome == RETIRE_OTHER;
}

/* Reads the jobs from the leader; for now, RETIRE_ALIVE means that the same job is still stored. */
static int look_at_all(struct batch *batch, struct error *error)
{
    size_t n = 0, k = 0;
    for (size_t i = 0; i < batch->n; i++)
        if (!is_settled(&batch->items[i]))
            batch->stored[n++] = (struct stored_message){.stream = batch->items[i].letter->origin,
                                                         .seq = batch->items[i].letter->seq};
    int result = stored_messages_fetch(batch->requester, batch->stored, n, error);
    for (size_t i = 0; i < batch->n; i++)
        if (!is_settled(&batch->items[i])) {
            batch->items[i].outcome = look(&batch->items[i], &batch->stored[k]);
            k++;
        }
    stored_messages_clear(batch->stored, n);
    return result;
}

/* A stream's first sequence never decreases: everything below it is gone. This one request often
 * replaces many, since the job of a letter by value is usually gone. */
static void settle_below_first(struct batch *batch)
{
    struct error ignored = {0};
    const char *origin = batch->items[0].letter->origin;
    if (batch->n < MANY)
        return;
    json_t *info = stream_info(batch->requester, origin, NULL, 0, &ignored);
    json_int_t first =
        json_integer_value(json_object_get(json_object_get(info, "state"), "first_seq"));
    for (size_t i = 0; i < batch->n && first > 0; i++)
        if (batch->items[i].letter->seq < (uint64_t)first &&
            strcmp(batch->items[i].letter->origin, origin) == 0)
            batch->items[i].outcome = RETIRE_GONE;
    json_decref(info);
}

static int check_denials(const struct batch *batch, size_t n, struct error *error)
{
    char permission[DELIVERY_PERMISSION_MAX];
    for (size_t i = 0; i < n; i++)
        if (batch->requests[i].denied &&
            delivery_permission(batch->requests[i].subject,
                                batch->items[batch->sent[i]].letter->origin, permission))
            return error_set(error, EX_NOPERM,
                             "the server does not let us remove dead jobs: allow this user to "
                             "publish to %s",
                             permission);
    return 0;
}

/* Acknowledges the jobs that are still stored and not acknowledged yet, on subjects with this
 * prefix. */
static int acknowledge_as(struct batch *batch, const char *prefix, struct error *error)
{
    size_t sent = 0;
    for (size_t i = 0; i < batch->n; i++) {
        const struct retirement *item = &batch->items[i];
        if (item->outcome != RETIRE_ALIVE || batch->acked[i])
            continue;
        struct request *request = &batch->requests[sent];
        batch->sent[sent++] = i;
        *request = (struct request){.body = "+ACK"};
        snprintf(request->subject, sizeof request->subject, "%s%s.%s.%" PRIu64 ".%" PRIu64 ".0.0.0",
                 prefix, item->letter->origin, item->letter->consumer, item->letter->deliveries,
                 item->letter->seq);
    }
    int result = requester_run(batch->requester, batch->requests, sent, answer_wait, error);
    for (size_t i = 0; i < sent; i++)
        batch->acked[batch->sent[i]] = batch->requests[i].answer != NULL;
    if (result == 0)
        result = check_denials(batch, sent, error);
    requests_clear(batch->requests, sent);
    return result;
}

/* First with the prefix of the server's deliveries, then with the plain one: the server understands
 * both, and a user may be allowed to publish to only one of them. */
static int acknowledge(struct batch *batch, struct error *error)
{
    char prefix[DELIVERY_PREFIX_MAX];
    struct error denied = {0};
    ack_subject_prefix(connection_acks(requester_connection(batch->requester)), prefix);
    int result = acknowledge_as(batch, prefix, &denied);
    if (result < 0 && denied.exit_code == EX_NOPERM && strcmp(prefix, DELIVERY_PLAIN_PREFIX) != 0 &&
        acknowledge_as(batch, DELIVERY_PLAIN_PREFIX, error) == 0)
        return 0;
    if (result < 0)
        *error = denied;
    return result;
}

/* Whether a job is still there; with `is_acked`, one whose acknowledgement was confirmed. */
static bool any_remains(const struct batch *batch, bool is_acked)
{
    for (size_t i = 0; i < batch->n; i++)
        if (batch->items[i].outcome == RETIRE_ALIVE && (!is_acked || batch->acked[i]))
            return true;
    return false;
}

/* The consumer of the previous job, which is often that of the next one too. */
struct cached_consumer {
    const char *origin, *consumer;
    struct consumer_sight sight;
};

static void look_up_consumer(struct batch *batch, const struct retirement *item,
                             struct cached_consumer *cached)
{
    struct error ignored = {0};
    struct durable_state state = {0};
    if (cached->consumer && strcmp(cached->consumer, item->letter->consumer) == 0 &&
        strcmp(cached->origin, item->letter->origin) == 0)
        return;
    *cached = (struct cached_consumer){.origin = item->letter->origin,
                                       .consumer = item->letter->consumer};
    int there = durable_look_up(batch->requester, item->letter->origin, item->letter->consumer,
                                &state, NULL, &ignored);
    cached->sight = consumer_sight_of(there, &state);
}

/* The job is still there, and its acknowledgement was not confirmed. A consumer that delivered it
 * but does not answer has just been restarted. */
static enum retire_outcome unconfirmed(struct batch *batch, const struct retirement *item,
                                       struct cached_consumer *cached)
{
    look_up_consumer(batch, item, cached);
    enum liveness liveness = liveness_of(&cached->sight, item->letter->seq);
    bool is_alive = liveness == LIVENESS_NO_CONSUMER || liveness == LIVENESS_NOT_DELIVERED;
    return is_alive ? RETIRE_ALIVE : RETIRE_LATER;
}

static void conclude(struct batch *batch)
{
    struct cached_consumer cached = {0};
    for (size_t i = 0; i < batch->n; i++) {
        struct retirement *item = &batch->items[i];
        if (item->outcome == RETIRE_ALIVE)
            item->outcome = batch->acked[i] ? RETIRE_LATER : unconfirmed(batch, item, &cached);
    }
}

/* For the jobs that the last look found. */
static void postpone(struct batch *batch)
{
    for (size_t i = 0; i < batch->n; i++)
        if (batch->items[i].outcome == RETIRE_ALIVE)
            batch->items[i].outcome = RETIRE_LATER;
}

static int retire_stages(struct batch *batch, struct error *error)
{
    settle_below_first(batch);
    int64_t begin = clock_now();
    if (look_at_all(batch, error) < 0)
        return -1;
    fault_point("retire:looked");
    if (!any_remains(batch, false))
        return 0;
    /* The server compares only the sequence when it removes a job. If this process was suspended
     * after the look, the stream may have been recreated meanwhile. */
    if (clock_now() - begin > connection_timeout(requester_connection(batch->requester))) {
        postpone(batch);
        return 0;
    }
    if (acknowledge(batch, error) < 0)
        return -1;
    if (look_at_all(batch, error) < 0)
        return -1;
    for (int i = 1; i < LOOKS && any_remains(batch, true) && !stop_wait(look_interval); i++)
        if (look_at_all(batch, error) < 0)
            return -1;
    conclude(batch);
    return 0;
}

static int look_stages(struct batch *batch, struct error *error)
{
    settle_below_first(batch);
    if (look_at_all(batch, error) < 0)
        return -1;
    conclude(batch);
    return 0;
}

/* A batch that fails proves nothing about the jobs that the first look found. */
int retire(struct requester *requester, struct retirement *items, size_t n, bool only_looks,
           struct error *error)
{
    if (n == 0)
        return 0;
    _cleanup_(cleanup_free) struct stored_message *stored = calloc(n, sizeof *stored);
    _cleanup_(cleanup_free) struct request *requests = calloc(n, sizeof *requests);
    _cleanup_(cleanup_free) bool *acked = calloc(n, sizeof *acked);
    _cleanup_(cleanup_free) size_t *sent = calloc(n, sizeof *sent);
    if (!stored || !requests || !acked || !sent)
        return error_set(error, EX_OSERR, "out of memory");
    struct batch batch = {requester, items, n, stored, requests, sent, acked};
    int result = (only_looks ? look_stages : retire_stages)(&batch, error);
    if (result < 0)
        postpone(&batch);
    return result;
}
