#include "puller.h"

#include "ack.h"
#include "denials.h"
#include "duration.h"
#include "stop.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* A request's heartbeats come while nothing else does; twice that without a word, and the server
 * has forgotten us. */
static const int64_t silence = 7 * DURATION_S;
static const int64_t bodiless_for = 30 * DURATION_S;
static const int64_t renew_between = 250 * DURATION_MS;
static const int64_t turn_after = 15 * DURATION_S; /* a request is over by then, answered or not */
static const int64_t refused_for = 5 * DURATION_S;
static const int64_t look_around = 500 * DURATION_MS; /* a reconnect is noticed within */
enum { DRAIN_MS = 2000, RETIRED_MAX = 64, NEXT_SUBJECT_MAX = 1024 };

struct puller {
    struct connection *connection;
    struct puller_options options;
    pthread_mutex_t lock; /* for all below */
    natsSubscription *sub;
    natsInbox *inbox;
    /* Subscriptions given up after a reconnect: another thread may still be waiting on one, so
     * they are destroyed at the end. The oldest make room. */
    natsSubscription *retired[RETIRED_MAX];
    size_t n_retired;
    size_t held, waiting; /* jobs, threads */
    /* Jobs asked for. The server may drop a request without a word, so what is not met is
     * forgotten: `recent` becomes `older` at each turn, and `older` nothing. */
    size_t recent, older;
    int64_t turned;
    uint64_t taken;
    unsigned generation; /* of the connection, when we last asked afresh */
    int64_t heard;       /* when the server last said something */
    int64_t renewed;     /* when we last began anew */
    int64_t ask_after;   /* a request was refused: not before */
    int64_t drained_by;  /* the end of a stop's drain, however it goes */
    unsigned denials;    /* of the connection, that we know of */
    bool lost, stopping, said_refused, said_bodiless, knows_acks;
};

/* A new inbox: what was asked under the old one can bring nothing any more. */
static natsStatus subscribe(struct puller *puller)
{
    natsInbox_Destroy(take(puller->inbox));
    natsStatus s = natsInbox_Create(&puller->inbox);
    if (s == NATS_OK)
        s = natsConnection_SubscribeSync(&puller->sub, connection_nats(puller->connection),
                                         puller->inbox);
    if (s == NATS_OK)
        s = natsSubscription_SetPendingLimits(puller->sub, -1, -1);
    puller->recent = puller->older = 0;
    puller->turned = puller->heard = duration_about();
    puller->lost = s != NATS_OK;
    puller->knows_acks = false; /* the server may be another now */
    puller->generation = connection_generation(puller->connection);
    return s;
}

int puller_open(struct puller **opened, struct connection *connection,
                const struct puller_options *options, struct error *error)
{
    _cleanup_(cleanup_puller) struct puller *puller = calloc(1, sizeof *puller);
    if (!puller)
        return error_set(error, EX_OSERR, "out of memory");
    puller->connection = connection;
    puller->options = *options;
    pthread_mutex_init(&puller->lock, NULL);
    ack_form_heed(connection_acks(connection), options->stream);
    natsStatus s = subscribe(puller);
    if (s != NATS_OK)
        return error_nats(error, s, "cannot subscribe to an inbox");
    *opened = take(puller);
    return 0;
}

void puller_close(struct puller *puller)
{
    if (!puller)
        return;
    for (size_t i = 0; i < puller->n_retired; i++)
        natsSubscription_Destroy(puller->retired[i]);
    natsSubscription_Destroy(puller->sub);
    natsInbox_Destroy(puller->inbox);
    pthread_mutex_destroy(&puller->lock);
    free(puller);
}

static size_t asked(const struct puller *puller)
{
    return puller->recent + puller->older;
}

/* `n` jobs came, or will not come, of those asked for: the oldest first. */
static void met(struct puller *puller, size_t n)
{
    size_t of_older = n < puller->older ? n : puller->older;
    puller->older -= of_older;
    n -= of_older;
    puller->recent -= n < puller->recent ? n : puller->recent;
}

static size_t room(const struct puller *puller)
{
    size_t batch = puller->options.batch;
    size_t used = asked(puller) + (batch ? puller->held : 0);
    size_t capacity = batch ? batch : puller->waiting;
    uint64_t limit = puller->options.limit;
    size_t free_slots = capacity > used ? capacity - used : 0;
    if (limit == 0)
        return free_slots;
    uint64_t left = limit - puller->taken;
    left = left > asked(puller) ? left - asked(puller) : 0;
    return free_slots < left ? free_slots : (size_t)left;
}

/* What is asked for while disconnected is served to an inbox that is given up at the reconnect. */
static bool may_ask(const struct puller *puller)
{
    return duration_about() >= puller->ask_after && connection_is_up(puller->connection);
}

/* Sends a request for `n` jobs, behind `verb` if there is one. Sent, not published: what was
 * published before goes out with it, and no flusher waits. */
static natsStatus request(struct puller *puller, const char *subject, const char *verb, size_t n)
{
    char body[PULL_REQUEST_MAX];
    int length = pull_request_write(&puller->options.limits, verb, n, body);
    loop_hold(connection_loop(puller->connection));
    natsStatus s = natsConnection_SendRequest(connection_nats(puller->connection), subject,
                                              puller->inbox, body, length);
    loop_send(connection_loop(puller->connection));
    if (s != NATS_OK)
        return s;
    puller->recent += n;
    puller->heard = duration_about();
    return NATS_OK;
}

static const char *next_subject(const struct puller *puller, char subject[NEXT_SUBJECT_MAX])
{
    snprintf(subject, NEXT_SUBJECT_MAX, "%s.CONSUMER.MSG.NEXT.%s.%s",
             connection_api(puller->connection), puller->options.stream, puller->options.consumer);
    return subject;
}

/* Without its requests or its inbox a puller waits for ever: the program ends. */
static void heed_denials(struct puller *puller)
{
    struct error error = {0};
    char subject[NEXT_SUBJECT_MAX];
    unsigned denials = connection_denials(puller->connection);
    if (denials == puller->denials)
        return;
    puller->denials = denials;
    if (connection_denies(puller->connection, next_subject(puller, subject)))
        denials_error(&error, "publish", subject);
    else if (connection_denies(puller->connection, puller->inbox))
        denials_error(&error, "subscribe", puller->inbox);
    if (error.exit_code != 0)
        stop_because(&error);
}

/* A large batch costs few requests. Half of one at a time, so that the next is on its way while
 * these are worked on; where this thread reads it too, a whole one costs both sides less. */
static void ask(struct puller *puller)
{
    size_t n = room(puller), batch = puller->options.batch;
    size_t worth = connection_loop(puller->connection) ? batch : batch / 2;
    if (n == 0 || (asked(puller) > 0 && n < worth))
        return;
    if (!may_ask(puller))
        return;
    char subject[NEXT_SUBJECT_MAX];
    next_subject(puller, subject);
    natsStatus s = NATS_OK; /* what cannot be sent now is asked for again */
    for (size_t part; n > 0 && s == NATS_OK; n -= part) {
        part = pull_request_most(&puller->options.limits, n);
        s = request(puller, subject, "", part);
    }
}

/* Forgets requests that the server forgot. */
static void turn(struct puller *puller)
{
    int64_t now = duration_about();
    if (now - puller->turned < turn_after)
        return;
    puller->older = puller->recent;
    puller->recent = 0;
    puller->turned = now;
}

/* Begins anew, on a new inbox. Only when nothing is left to take from the old one, for that would
 * cost each job an attempt; the lock is held meanwhile, and the others wait. */
static void renew(struct puller *puller)
{
    int64_t early = puller->renewed + renew_between - duration_about();
    if (early > 0)
        stop_wait(early);
    puller->renewed = duration_about();
    if (stop_requested() ||
        puller->options.restore(puller->options.closure, &puller->options.limits) != 0)
        return;
    if (puller->n_retired == RETIRED_MAX) {
        natsSubscription_Destroy(puller->retired[0]);
        memmove(puller->retired, puller->retired + 1, sizeof puller->retired - sizeof(void *));
        puller->n_retired--;
    }
    natsSubscription_Unsubscribe(puller->sub);
    puller->retired[puller->n_retired++] = take(puller->sub);
    if (subscribe(puller) != NATS_OK)
        log_warn(connection_log(puller->connection), "cannot subscribe to an inbox");
}

static bool is_lost(const struct puller *puller)
{
    if (puller->lost || puller->generation != connection_generation(puller->connection))
        return true;
    return asked(puller) > 0 && duration_about() - puller->heard > silence;
}

/* The refusals of nats-server 2.9 to 2.15 after which another request may be answered at once, by
 * the consumer's next leader or the consumer made anew. */
static bool has_moved(const char *description)
{
    static const char *const words[] = {"Consumer Deleted", "Leadership Change", "Server Shutdown"};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (strcasestr(description, words[i]))
            return true;
    return false;
}

static void take_refusal(struct puller *puller, const char *status, const char *description)
{
    if (has_moved(description)) {
        puller->lost = true;
        return;
    }
    puller->ask_after = duration_about() + refused_for;
    if (!puller->said_refused)
        log_warn(connection_log(puller->connection), "consumer %s refuses our requests: %s %s",
                 puller->options.consumer, status, description);
    puller->said_refused = true;
    /* Has its configuration changed? With other limits the next request may be taken at once. */
    struct pull_limits before = puller->options.limits;
    puller->options.restore(puller->options.closure, &puller->options.limits);
    if (memcmp(&before, &puller->options.limits, sizeof before) != 0)
        puller->ask_after = 0;
}

/* The server's word on a request. 100: it lives. 404, 408: nothing came in time. */
static void take_status(struct puller *puller, natsMsg *message)
{
    const char *status = "", *pending = NULL, *description = "";
    natsMsgHeader_Get(message, "Status", &status);
    natsMsgHeader_Get(message, "Description", &description);
    if (strcmp(status, "100") == 0)
        return;
    log_debug(connection_log(puller->connection), "pull: %s %s", status, description);
    size_t unmet = asked(puller);
    if (natsMsgHeader_Get(message, "Nats-Pending-Messages", &pending) == NATS_OK)
        unmet = strtoul(pending, NULL, 10);
    met(puller, unmet);
    if (strcmp(status, "404") != 0 && strcmp(status, "408") != 0)
        take_refusal(puller, status, description);
}

/* The server's mark of a durable with headers_only (2.15). */
static bool is_bodiless(const struct job *job)
{
    size_t length;
    job_body(job, &length);
    return length == 0 && job_header(job, "Nats-Msg-Size");
}

/* Run, it would be done without its body; buried, its letter would have none. The look at the
 * durable that follows ends the program where headers_only is set. */
static void give_back(struct puller *puller, struct job *job)
{
    if (!puller->said_bodiless)
        log_warn(connection_log(puller->connection),
                 "# %" PRIu64 " came without its body and is returned to the queue",
                 job->delivery.seq);
    puller->said_bodiless = true;
    if (ack_retry(puller->connection, job, bodiless_for) != NATS_OK)
        log_debug(connection_log(puller->connection), "a job without a body is redelivered soon");
    puller->lost = true;
    job_clear(job);
}

/* `is_current`: it came on the subscription that is asked on now. */
static bool take_message(struct puller *puller, natsMsg *message, bool is_current, struct job *job)
{
    struct error error = {0};
    if (is_current)
        puller->heard = duration_about();
    if (!natsMsg_GetReply(message)) { /* a job has one, to be acknowledged by */
        if (is_current)
            take_status(puller, message);
        natsMsg_Destroy(message);
        return false;
    }
    if (is_current)
        met(puller, 1);
    if (job_from_delivery(job, message, &error) < 0) {
        log_warn(connection_log(puller->connection), "%s", error.text);
        return false;
    }
    if (is_bodiless(job)) {
        give_back(puller, job);
        return false;
    }
    puller->said_refused = false;
    if (!puller->knows_acks)
        ack_form_learn(connection_acks(puller->connection), natsMsg_GetReply(job->message));
    puller->knows_acks = true;
    puller->held++;
    puller->taken++;
    return true;
}

/* One look at the subscription. The lock is not held meanwhile. */
static natsStatus next(struct puller *puller, natsMsg **message, int64_t ns, bool *is_current)
{
    natsSubscription *sub = puller->sub;
    /* nats.c ends a drain in a NextMsg that waits. */
    struct loop *loop = puller->stopping ? NULL : connection_loop(puller->connection);
    pthread_mutex_unlock(&puller->lock);
    natsStatus s = loop_next(loop, sub, ns, message);
    pthread_mutex_lock(&puller->lock);
    *is_current = sub == puller->sub;
    return s;
}

/* The server has confirmed that it sends no more, or had its time to. */
static bool is_drained(const struct puller *puller)
{
    return duration_about() > puller->drained_by ||
           natsSubscription_DrainCompletionStatus(puller->sub) != NATS_ILLEGAL_STATE;
}

/* Whether the rest of the limit is taken, or will be by `others` that wait for it. */
static bool at_limit(const struct puller *puller, size_t others)
{
    return puller->options.limit > 0 && puller->taken + others >= puller->options.limit;
}

/* Not from the stop on, also before puller_stop: a job taken then costs it an attempt. */
static bool is_open(const struct puller *puller)
{
    return !puller->stopping && !stop_requested();
}

/* What is there, else what comes within `ns`; asks for more and begins anew as it is needed. */
static natsStatus look(struct puller *puller, natsMsg **message, int64_t ns, bool *is_current)
{
    turn(puller);
    heed_denials(puller);
    if (is_open(puller) && !is_lost(puller))
        ask(puller);
    natsStatus s = next(puller, message, 0, is_current);
    if (s == NATS_OK)
        return s;
    if (is_open(puller) && is_lost(puller)) {
        renew(puller);
        if (is_open(puller)) /* a stop may have come meanwhile */
            ask(puller);
    }
    return next(puller, message, ns, is_current);
}

static enum puller_result take_locked(struct puller *puller, struct job *job, int64_t ns)
{
    int64_t end = duration_about() + ns;
    while (!at_limit(puller, 0)) {
        int64_t left = end - duration_about();
        int64_t wait = left < look_around && !puller->stopping ? left : look_around;
        natsMsg *message = NULL;
        bool is_current;
        natsStatus s = look(puller, &message, wait, &is_current);
        if (s == NATS_OK && take_message(puller, message, is_current, job))
            return PULLER_JOB;
        if (s == NATS_NO_RESPONDERS && is_current)
            puller->lost = true;
        if (s != NATS_OK && puller->stopping && is_drained(puller))
            return PULLER_ENDED;
        if (left <= 0)
            return PULLER_IDLE;
    }
    return PULLER_ENDED;
}

enum puller_result puller_take(struct puller *puller, struct job *job, int64_t ns)
{
    enum puller_result result = PULLER_ENDED;
    pthread_mutex_lock(&puller->lock);
    if (!at_limit(puller, puller->waiting)) {
        puller->waiting++;
        result = take_locked(puller, job, ns);
        puller->waiting--;
    }
    pthread_mutex_unlock(&puller->lock);
    return result;
}

/* Whether the thread that settles a job will wait for another at once. */
static bool wants_next(const struct puller *puller)
{
    uint64_t limit = puller->options.limit;
    return puller->options.eager && !puller->stopping && !stop_requested() && !is_lost(puller) &&
           may_ask(puller) && (limit == 0 || puller->taken + asked(puller) < limit);
}

natsStatus puller_acknowledge(struct puller *puller, const struct job *job)
{
    pthread_mutex_lock(&puller->lock);
    natsStatus s = wants_next(puller) ? request(puller, natsMsg_GetReply(job->message), "+NXT ", 1)
                                      : ack_done(puller->connection, job);
    pthread_mutex_unlock(&puller->lock);
    return s;
}

void puller_release(struct puller *puller)
{
    pthread_mutex_lock(&puller->lock);
    puller->held--;
    pthread_mutex_unlock(&puller->lock);
}

bool puller_holds_jobs(struct puller *puller)
{
    pthread_mutex_lock(&puller->lock);
    bool holds = puller->held > 0;
    pthread_mutex_unlock(&puller->lock);
    return holds;
}

void puller_renew(struct puller *puller)
{
    pthread_mutex_lock(&puller->lock);
    puller->lost = true;
    pthread_mutex_unlock(&puller->lock);
}

void puller_resize(struct puller *puller, size_t batch)
{
    pthread_mutex_lock(&puller->lock);
    puller->options.batch = batch;
    pthread_mutex_unlock(&puller->lock);
}

void puller_adapt(struct puller *puller, const struct pull_limits *limits)
{
    pthread_mutex_lock(&puller->lock);
    puller->options.limits = *limits;
    pthread_mutex_unlock(&puller->lock);
}

void puller_stop(struct puller *puller)
{
    pthread_mutex_lock(&puller->lock);
    /* A drain: what the server sent before it heard of it still comes. */
    if (!puller->stopping && natsSubscription_DrainTimeout(puller->sub, DRAIN_MS) == NATS_OK)
        puller->drained_by = duration_about() + 2 * DRAIN_MS * DURATION_MS;
    puller->stopping = true;
    loop_interrupt(connection_loop(puller->connection));
    pthread_mutex_unlock(&puller->lock);
}
