#include "queue/puller.h"

#include "base/clock.h"
#include "base/duration.h"
#include "base/stop.h"
#include "nats/nats_error.h"
#include "queue/ack.h"
#include "queue/puller_state.h"

#include <inttypes.h>
#include <jansson.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

static const int64_t bodiless_delay = 30 * DURATION_S;
static const int64_t renew_interval = 250 * DURATION_MS;
static const int64_t refusal_pause = 5 * DURATION_S;
static const int64_t longest_wait = 500 * DURATION_MS; /* how soon a reconnect is noticed */

int puller_open(struct puller **opened, struct connection *connection,
                const struct puller_options *options, struct error *error)
{
    _cleanup_(cleanup_puller) struct puller *puller = calloc(1, sizeof *puller);
    if (!puller)
        return error_set(error, EX_OSERR, "out of memory");
    puller->connection = puller->pull.connection = connection;
    puller->options = *options;
    puller->pull.limits = options->limits;
    puller->demand = (struct pull_demand){.batch = options->batch, .limit = options->limit};
    pull_subscription_address(&puller->pull, options->stream, options->consumer);
    pthread_mutex_init(&puller->lock, NULL);
    pthread_cond_init(&puller->restored, NULL);
    ack_subject_require(connection_acks(connection), options->stream);
    natsStatus s = pull_subscription_open(&puller->pull);
    if (s != NATS_OK)
        return error_nats(error, s, "cannot subscribe to an inbox");
    *opened = take(puller);
    return 0;
}

void puller_close(struct puller *puller)
{
    if (!puller)
        return;
    pull_subscription_close(&puller->pull);
    pthread_cond_destroy(&puller->restored);
    pthread_mutex_destroy(&puller->lock);
    free(puller);
}

static uint64_t left(const struct puller *puller)
{
    return pull_demand_left(&puller->demand);
}

/* A requested stop counts even before puller_stop: a job taken after it would lose an attempt. */
static bool is_open(const struct puller *puller)
{
    return !puller->is_stopping && !stop_requested();
}

/* What is requested while disconnected would be delivered to an inbox that the reconnect replaces.
 */
static bool may_request(const struct puller *puller)
{
    return is_open(puller) && !puller->is_restoring && !puller->is_draining &&
           clock_coarse() >= puller->request_after && connection_is_up(puller->connection);
}

/* A large batch costs few requests. Half of one at a time, so that the next is on its way while
 * these are processed; where this thread reads the socket too, a whole one costs both sides less.
 */
static void request(struct puller *puller)
{
    size_t n = pull_demand_room(&puller->demand, &puller->pull.outstanding);
    size_t batch = puller->demand.batch;
    size_t worth = connection_loop(puller->connection) ? batch : batch / 2;
    if (n == 0 || (outstanding_count(&puller->pull.outstanding) > 0 && n < worth) ||
        !may_request(puller))
        return;
    pull_subscription_request(&puller->pull, n);
}

/* After `pause`. Without the lock, since it waits for the server: `is_restoring` keeps other
 * threads from doing the same and from sending requests. The durable may have another name and
 * other limits afterwards, and with those a request that was refused may be served. */
static bool restore(struct puller *puller, int64_t pause)
{
    struct pull_limits limits = puller->pull.limits;
    puller->is_restoring = true;
    pthread_mutex_unlock(&puller->lock);
    bool is_restored = !(pause > 0 && stop_wait(pause)) && !stop_requested() &&
                       puller->options.restore(puller->options.closure, &limits) == 0;
    pthread_mutex_lock(&puller->lock);
    puller->is_restoring = false;
    pthread_cond_broadcast(&puller->restored);
    pull_subscription_address(&puller->pull, puller->options.stream, puller->options.consumer);
    if (is_restored && memcmp(&limits, &puller->pull.limits, sizeof limits) != 0)
        puller->request_after = 0;
    puller->pull.limits = limits;
    return is_restored;
}

/* Only when the old inbox is empty: each job left in it would lose an attempt. */
static void renew(struct puller *puller)
{
    int64_t pause = puller->renewed + renew_interval - clock_coarse();
    puller->renewed = clock_coarse() + (pause > 0 ? pause : 0);
    if (!restore(puller, pause) || !is_open(puller))
        return;
    puller->knows_acks = false; /* the server may be another one now */
    if (pull_subscription_renew(&puller->pull) != NATS_OK)
        log_warn(connection_log(puller->connection), "cannot subscribe to an inbox");
}

static void take_refusal(struct puller *puller, const struct pull_status *status)
{
    puller->request_after = clock_coarse() + refusal_pause;
    if (puller->is_restoring)
        return;
    if (!puller->is_refusal_logged)
        log_warn(connection_log(puller->connection), "consumer %s refuses our requests: %s %s",
                 puller->options.consumer, status->code, status->description);
    puller->is_refusal_logged = true;
    (void)restore(puller, 0); /* the durable's configuration may have changed */
}

static void take_status(struct puller *puller, natsMsg *message)
{
    struct pull_status status;
    pull_subscription_take_status(&puller->pull, message, &status);
    if (status.kind == PULL_STATUS_HEARTBEAT)
        return;
    log_debug(connection_log(puller->connection), "pull: %s %s", status.code, status.description);
    puller->pull.is_lost |= status.kind == PULL_STATUS_LOST;
    if (status.kind == PULL_STATUS_REFUSED)
        take_refusal(puller, &status);
}

/* If it ran or were declared dead, its body would be lost. `restore` then ends the program for
 * headers_only. */
static void return_bodiless(struct puller *puller, struct job *job)
{
    if (!puller->is_bodiless_logged)
        log_event(connection_log(puller->connection),
                  (struct log_event){.level = LOG_LEVEL_WARN,
                                     .fields = json_pack("{s:I, s:s, s:s, s:I}", "seq",
                                                         (json_int_t)job->delivery.seq, "subject",
                                                         job_subject(job), "durable",
                                                         puller->options.consumer, "delivery",
                                                         (json_int_t)job->delivery.deliveries)},
                  "# %" PRIu64 " arrived without its body and is returned to the queue",
                  job->delivery.seq);
    puller->is_bodiless_logged = puller->pull.is_lost = true;
    if (ack_retry(puller->connection, job, bodiless_delay) != NATS_OK)
        log_debug(connection_log(puller->connection), "cannot return a job without a body");
    job_clear(job);
}

/* `is_current`: it arrived on the subscription that is in use now. */
static bool take_message(struct puller *puller, natsMsg *message, bool is_current, struct job *job)
{
    struct error error = {0};
    if (is_current)
        puller->pull.outstanding.last_sign = clock_coarse();
    if (!natsMsg_GetReply(message)) { /* a job has one, for its acknowledgement */
        if (is_current)
            take_status(puller, message);
        natsMsg_Destroy(message);
        return false;
    }
    if (is_current)
        outstanding_remove(&puller->pull.outstanding, 1);
    if (job_from_delivery(job, message, &error) < 0) {
        log_warn(connection_log(puller->connection), "%s", error.text);
        return false;
    }
    if (job_is_bodiless(job)) {
        return_bodiless(puller, job);
        return false;
    }
    puller->is_refusal_logged = false;
    if (!puller->knows_acks)
        ack_subject_learn(connection_acks(puller->connection), natsMsg_GetReply(job->message));
    puller->knows_acks = true;
    puller->demand.held++;
    puller->demand.taken++;
    return true;
}

/* Returns the next message; waits for it without the lock. */
static natsStatus next_message(struct puller *puller, natsMsg **message, int64_t ns,
                               bool *is_current)
{
    natsSubscription *sub = puller->pull.sub;
    /* nats.c completes a drain only in a NextMsg that waits. */
    struct event_loop *loop = puller->is_draining ? NULL : connection_loop(puller->connection);
    pthread_mutex_unlock(&puller->lock);
    natsStatus s = event_loop_next(loop, sub, ns, message);
    pthread_mutex_lock(&puller->lock);
    *is_current = sub == puller->pull.sub;
    return s;
}

/* Waits until another thread has restored the consumer, for at most `ns`; may return earlier. */
static void wait_restored(struct puller *puller, int64_t ns)
{
    int64_t end = clock_now() + ns;
    pthread_cond_clockwait(&puller->restored, &puller->lock, CLOCK_MONOTONIC,
                           &(struct timespec){end / DURATION_S, end % DURATION_S});
}

/* Returns a message that has arrived, or one that arrives within `ns`. Requests jobs, and renews
 * the subscription when it is lost. */
static natsStatus wait_for_message(struct puller *puller, natsMsg **message, int64_t ns,
                                   bool *is_current)
{
    outstanding_expire(&puller->pull.outstanding, clock_coarse());
    pull_subscription_end_when_denied(&puller->pull);
    if (!pull_subscription_is_lost(&puller->pull))
        request(puller);
    natsStatus s = next_message(puller, message, 0, is_current);
    if (s == NATS_OK)
        return s;
    if (puller->is_restoring && !puller->is_stopping) {
        wait_restored(puller, ns);
        return NATS_TIMEOUT;
    }
    if (is_open(puller) && !puller->is_draining && pull_subscription_is_lost(&puller->pull)) {
        renew(puller);
        request(puller);
    }
    return next_message(puller, message, ns, is_current);
}

/* After a pause a new subscription is ready for the next request. */
static void end_drain(struct puller *puller)
{
    puller->is_draining = false;
    if (pull_subscription_renew(&puller->pull) != NATS_OK)
        log_debug(connection_log(puller->connection), "cannot subscribe to an inbox");
}

/* At a stop threads go on until the puller ends. */
static bool is_halted(const struct puller *puller, bool is_probe)
{
    return puller->demand.is_paused && !is_probe && !puller->is_draining && is_open(puller);
}

static enum puller_result take_locked(struct puller *puller, struct job *job, int64_t ns,
                                      bool is_probe)
{
    int64_t end = clock_coarse() + ns;
    while (left(puller) > 0) {
        int64_t rest = end - clock_coarse();
        int64_t wait = rest < longest_wait && !puller->is_stopping ? rest : longest_wait;
        natsMsg *message = NULL;
        bool is_current;
        if (is_halted(puller, is_probe))
            return PULLER_PAUSED;
        natsStatus s = wait_for_message(puller, &message, wait, &is_current);
        if (s == NATS_OK && take_message(puller, message, is_current, job))
            return PULLER_JOB;
        puller->pull.is_lost |= s == NATS_NO_RESPONDERS && is_current;
        if (s != NATS_OK && puller->is_draining && pull_subscription_is_drained(&puller->pull)) {
            if (puller->is_stopping)
                return PULLER_ENDED;
            end_drain(puller);
        }
        if (rest <= 0)
            return PULLER_IDLE;
    }
    return PULLER_ENDED;
}

static enum puller_result take_job(struct puller *puller, struct job *job, int64_t ns,
                                   bool is_probe)
{
    enum puller_result result = PULLER_ENDED;
    pthread_mutex_lock(&puller->lock);
    if (left(puller) > puller->demand.waiting) { /* else the threads that wait take the rest */
        puller->demand.waiting++;
        puller->demand.is_probing |= is_probe;
        result = take_locked(puller, job, ns, is_probe);
        puller->demand.is_probing &= !is_probe;
        puller->demand.waiting--;
    }
    pthread_mutex_unlock(&puller->lock);
    return result;
}

enum puller_result puller_take(struct puller *puller, struct job *job, int64_t ns)
{
    return take_job(puller, job, ns, false);
}

enum puller_result puller_probe(struct puller *puller, struct job *job, int64_t ns)
{
    return take_job(puller, job, ns, true);
}

/* Whether the thread that settles a job will immediately wait for another. */
static bool wants_next(const struct puller *puller)
{
    return puller->options.eager && !puller->demand.is_paused && may_request(puller) &&
           !pull_subscription_is_lost(&puller->pull) &&
           outstanding_count(&puller->pull.outstanding) < left(puller);
}

natsStatus puller_acknowledge(struct puller *puller, const struct job *job)
{
    pthread_mutex_lock(&puller->lock);
    natsStatus s =
        wants_next(puller)
            ? pull_subscription_request_next(&puller->pull, natsMsg_GetReply(job->message))
            : ack_send(puller->connection, job, "+ACK");
    pthread_mutex_unlock(&puller->lock);
    return s;
}
