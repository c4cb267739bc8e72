#include "queue/puller.h"

#include "base/clock.h"
#include "base/duration.h"
#include "base/stop.h"
#include "nats/nats_error.h"
#include "queue/ack.h"
#include "queue/outstanding.h"
#include "queue/pull_subscription.h"
#include "queue/pull_status.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

static const int64_t bodiless_for = 30 * DURATION_S;
static const int64_t renew_between = 250 * DURATION_MS;
static const int64_t refused_for = 5 * DURATION_S;
static const int64_t look_around = 500 * DURATION_MS; /* a reconnect is noticed within */

struct puller {
    struct connection *connection;
    struct puller_options options;
    char next[PULL_SUBJECT_MAX]; /* where jobs are asked for */
    pthread_mutex_t lock;        /* for all below */
    struct pull_inbox inbox;
    struct outstanding outstanding;
    size_t held, waiting; /* jobs, threads */
    uint64_t taken;
    int64_t renewed;   /* when the inbox was last renewed */
    int64_t ask_after; /* a request was refused: not before */
    bool lost, stopping, said_refused, said_bodiless, knows_acks;
};

static natsStatus start_afresh(struct puller *puller, natsStatus s)
{
    outstanding_reset(&puller->outstanding, clock_coarse());
    puller->lost = s != NATS_OK;
    puller->knows_acks = false; /* the server may be another now */
    return s;
}

int puller_open(struct puller **opened, struct connection *connection,
                const struct puller_options *options, struct error *error)
{
    _cleanup_(cleanup_puller) struct puller *puller = calloc(1, sizeof *puller);
    if (!puller)
        return error_set(error, EX_OSERR, "out of memory");
    puller->connection = puller->inbox.connection = connection;
    puller->options = *options;
    pull_request_subject(connection_api(puller->connection), puller->options.stream,
                         puller->options.consumer, puller->next);
    pthread_mutex_init(&puller->lock, NULL);
    ack_subject_heed(connection_acks(connection), options->stream);
    natsStatus s = start_afresh(puller, pull_inbox_open(&puller->inbox));
    if (s != NATS_OK)
        return error_nats(error, s, "cannot subscribe to an inbox");
    *opened = take(puller);
    return 0;
}

void puller_close(struct puller *puller)
{
    if (!puller)
        return;
    pull_inbox_close(&puller->inbox);
    pthread_mutex_destroy(&puller->lock);
    free(puller);
}

/* Jobs to be taken until the limit. */
static uint64_t left(const struct puller *puller)
{
    uint64_t limit = puller->options.limit;
    return limit == 0 ? UINT64_MAX : limit > puller->taken ? limit - puller->taken : 0;
}

static size_t room(const struct puller *puller)
{
    size_t batch = puller->options.batch, held = puller->held;
    size_t most = batch == 0 ? puller->waiting : batch > held ? batch - held : 0;
    return outstanding_room(&puller->outstanding, most, left(puller));
}

/* A requested stop counts even before puller_stop: a job taken after it would lose an attempt. */
static bool is_open(const struct puller *puller)
{
    return !puller->stopping && !stop_requested();
}

/* What is asked for while disconnected is served to an inbox that is given up at the reconnect. */
static bool may_ask(const struct puller *puller)
{
    return is_open(puller) && clock_coarse() >= puller->ask_after &&
           connection_is_up(puller->connection);
}

static natsStatus request(struct puller *puller, const char *subject, const char *verb, size_t n)
{
    natsStatus s = pull_inbox_request(&puller->inbox, subject, &puller->options.limits, verb, n);
    if (s == NATS_OK)
        outstanding_add(&puller->outstanding, n, clock_coarse());
    return s;
}

/* A puller without its requests or its inbox would wait for ever, so the program ends. */
static void heed_denials(struct puller *puller)
{
    struct error error = {0};
    if (pull_inbox_denied(&puller->inbox, puller->next, &error) < 0)
        stop_because(&error);
}

/* A large batch costs few requests. Half of one at a time, so that the next is on its way while
 * these are worked on; where this thread reads it too, a whole one costs both sides less. */
static void ask(struct puller *puller)
{
    size_t n = room(puller), batch = puller->options.batch;
    size_t worth = connection_loop(puller->connection) ? batch : batch / 2;
    if (n == 0 || (outstanding_count(&puller->outstanding) > 0 && n < worth) || !may_ask(puller))
        return;
    natsStatus s = NATS_OK; /* what cannot be sent now is asked for again */
    for (size_t part; n > 0 && s == NATS_OK; n -= part) {
        part = pull_request_most(&puller->options.limits, n);
        s = request(puller, puller->next, "", part);
    }
}

/* The durable may have another name afterwards. */
static int restore(struct puller *puller)
{
    int result = puller->options.restore(puller->options.closure, &puller->options.limits);
    pull_request_subject(connection_api(puller->connection), puller->options.stream,
                         puller->options.consumer, puller->next);
    return result;
}

/* Only when nothing is left to take from the old inbox, for that would cost each job an attempt.
 * The lock is held meanwhile: without a consumer the other threads have nothing to do. */
static void renew(struct puller *puller)
{
    int64_t early = puller->renewed + renew_between - clock_coarse();
    if (early > 0)
        stop_wait(early);
    puller->renewed = clock_coarse();
    if (stop_requested() || restore(puller) != 0)
        return;
    if (start_afresh(puller, pull_inbox_renew(&puller->inbox)) != NATS_OK)
        log_warn(connection_log(puller->connection), "cannot subscribe to an inbox");
}

static bool is_lost(const struct puller *puller)
{
    return puller->lost || pull_inbox_is_stale(&puller->inbox) ||
           outstanding_is_forgotten(&puller->outstanding, clock_coarse());
}

static void take_refusal(struct puller *puller, const struct pull_status *status)
{
    puller->ask_after = clock_coarse() + refused_for;
    if (!puller->said_refused)
        log_warn(connection_log(puller->connection), "consumer %s refuses our requests: %s %s",
                 puller->options.consumer, status->code, status->description);
    puller->said_refused = true;
    /* Has its configuration changed? With other limits the next request may be taken at once. */
    struct pull_limits *limits = &puller->options.limits, before = *limits;
    if (restore(puller) == 0 && memcmp(&before, limits, sizeof before) != 0)
        puller->ask_after = 0;
}

static void take_status(struct puller *puller, natsMsg *message)
{
    struct pull_status status;
    pull_status_of(message, &status);
    if (status.kind == PULL_STATUS_ALIVE)
        return;
    log_debug(connection_log(puller->connection), "pull: %s %s", status.code, status.description);
    outstanding_met(&puller->outstanding, status.pending);
    if (status.kind == PULL_STATUS_MOVED)
        puller->lost = true;
    else if (status.kind == PULL_STATUS_REFUSED)
        take_refusal(puller, &status);
}

/* Run or buried, its body would be lost. `restore` then ends the program for headers_only. */
static void give_back(struct puller *puller, struct job *job)
{
    if (!puller->said_bodiless)
        log_warn(connection_log(puller->connection),
                 "# %" PRIu64 " came without its body and is returned to the queue",
                 job->delivery.seq);
    puller->said_bodiless = puller->lost = true;
    if (ack_retry(puller->connection, job, bodiless_for) != NATS_OK)
        log_debug(connection_log(puller->connection), "a job without a body is redelivered soon");
    job_clear(job);
}

/* `is_current`: it came on the subscription that is asked on now. */
static bool take_message(struct puller *puller, natsMsg *message, bool is_current, struct job *job)
{
    struct error error = {0};
    if (is_current)
        puller->outstanding.heard = clock_coarse();
    if (!natsMsg_GetReply(message)) { /* a job has one, to be acknowledged by */
        if (is_current)
            take_status(puller, message);
        natsMsg_Destroy(message);
        return false;
    }
    if (is_current)
        outstanding_met(&puller->outstanding, 1);
    if (job_from_delivery(job, message, &error) < 0) {
        log_warn(connection_log(puller->connection), "%s", error.text);
        return false;
    }
    if (job_is_bodiless(job)) {
        give_back(puller, job);
        return false;
    }
    puller->said_refused = false;
    if (!puller->knows_acks)
        ack_subject_learn(connection_acks(puller->connection), natsMsg_GetReply(job->message));
    puller->knows_acks = true;
    puller->held++;
    puller->taken++;
    return true;
}

/* One look at the subscription. The lock is not held meanwhile. */
static natsStatus next(struct puller *puller, natsMsg **message, int64_t ns, bool *is_current)
{
    natsSubscription *sub = puller->inbox.sub;
    /* nats.c ends a drain in a NextMsg that waits. */
    struct event_loop *loop = puller->stopping ? NULL : connection_loop(puller->connection);
    pthread_mutex_unlock(&puller->lock);
    natsStatus s = event_loop_next(loop, sub, ns, message);
    pthread_mutex_lock(&puller->lock);
    *is_current = sub == puller->inbox.sub;
    return s;
}

/* What is there, else what comes within `ns`; asks for more and begins anew as it is needed. */
static natsStatus look(struct puller *puller, natsMsg **message, int64_t ns, bool *is_current)
{
    outstanding_turn(&puller->outstanding, clock_coarse());
    heed_denials(puller);
    if (!is_lost(puller))
        ask(puller);
    natsStatus s = next(puller, message, 0, is_current);
    if (s == NATS_OK)
        return s;
    if (is_open(puller) && is_lost(puller)) {
        renew(puller);
        ask(puller);
    }
    return next(puller, message, ns, is_current);
}

static enum puller_result take_locked(struct puller *puller, struct job *job, int64_t ns)
{
    int64_t end = clock_coarse() + ns;
    while (left(puller) > 0) {
        int64_t rest = end - clock_coarse();
        int64_t wait = rest < look_around && !puller->stopping ? rest : look_around;
        natsMsg *message = NULL;
        bool is_current;
        natsStatus s = look(puller, &message, wait, &is_current);
        if (s == NATS_OK && take_message(puller, message, is_current, job))
            return PULLER_JOB;
        if (s == NATS_NO_RESPONDERS && is_current)
            puller->lost = true;
        if (s != NATS_OK && puller->stopping && pull_inbox_is_drained(&puller->inbox))
            return PULLER_ENDED;
        if (rest <= 0)
            return PULLER_IDLE;
    }
    return PULLER_ENDED;
}

enum puller_result puller_take(struct puller *puller, struct job *job, int64_t ns)
{
    enum puller_result result = PULLER_ENDED;
    pthread_mutex_lock(&puller->lock);
    if (left(puller) > puller->waiting) { /* else those that wait take the rest */
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
    return puller->options.eager && may_ask(puller) && !is_lost(puller) &&
           outstanding_count(&puller->outstanding) < left(puller);
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
    if (!puller->stopping)
        pull_inbox_drain(&puller->inbox);
    puller->stopping = true;
    event_loop_interrupt(connection_loop(puller->connection));
    pthread_mutex_unlock(&puller->lock);
}
