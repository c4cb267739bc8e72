#include "puller.h"

#include "duration.h"
#include "stop.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* The server answers a request that nothing came for after `expires`, and meanwhile says that it
 * lives; twice that without a word, and it has forgotten us. */
static const int64_t expires = 30 * DURATION_S;
static const int64_t heartbeat = 5 * DURATION_S;
static const int64_t silence = 11 * DURATION_S;
static const int64_t renew_between = 250 * DURATION_MS;
static const int64_t look_around = 500 * DURATION_MS; /* a reconnect is noticed within */
enum { DRAIN_MS = 2000, RETIRED_MAX = 64 };

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
    size_t asked, held, waiting; /* jobs, jobs, threads */
    uint64_t taken;
    unsigned generation; /* of the connection, when we last asked afresh */
    int64_t heard;       /* when the server last said something */
    int64_t renewed;     /* when we last began anew */
    bool stopping;
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
    puller->asked = 0;
    puller->heard = duration_now();
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

static size_t room(const struct puller *puller)
{
    size_t batch = puller->options.batch;
    size_t used = puller->asked + (batch ? puller->held : 0);
    size_t capacity = batch ? batch : puller->waiting;
    uint64_t limit = puller->options.limit;
    size_t free_slots = capacity > used ? capacity - used : 0;
    if (limit == 0)
        return free_slots;
    uint64_t left = limit - puller->taken;
    left = left > puller->asked ? left - puller->asked : 0;
    return free_slots < left ? free_slots : (size_t)left;
}

/* Half a batch at a time, so that a large one costs few requests; a request that is lost is found
 * out by the silence. */
static void ask(struct puller *puller)
{
    size_t n = room(puller);
    if (n == 0 || (puller->asked > 0 && n < puller->options.batch / 2))
        return;
    char subject[640], body[160];
    snprintf(subject, sizeof subject, "%s.CONSUMER.MSG.NEXT.%s.%s",
             connection_api(puller->connection), puller->options.stream, puller->options.consumer);
    int length = snprintf(body, sizeof body,
                          "{\"batch\":%zu,\"expires\":%" PRId64 ",\"idle_heartbeat\":%" PRId64 "}",
                          n, expires, heartbeat);
    /* Sent, not published: the acknowledgements before it go out with it, and no flusher waits. */
    if (natsConnection_SendRequest(connection_nats(puller->connection), subject, puller->inbox,
                                   body, length) == NATS_OK) {
        puller->asked += n;
        puller->heard = duration_now();
    }
}

/* Called with the lock held, which other threads wait for: there is nothing to take anyway. */
static void renew(struct puller *puller)
{
    int64_t early = puller->renewed + renew_between - duration_now();
    if (early > 0)
        stop_wait(early);
    puller->renewed = duration_now();
    if (puller->options.restore(puller->options.closure) != 0)
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
    if (puller->generation != connection_generation(puller->connection))
        return true;
    return puller->asked > 0 && duration_now() - puller->heard > silence;
}

/* A message on the inbox itself is the server's word on a request. */
static bool is_status(const struct puller *puller, natsMsg *message)
{
    return strcmp(natsMsg_GetSubject(message), puller->inbox) == 0;
}

static void take_status(struct puller *puller, natsMsg *message)
{
    const char *status = "", *pending = NULL, *description = "";
    natsMsgHeader_Get(message, "Status", &status);
    natsMsgHeader_Get(message, "Description", &description);
    if (strcmp(status, "100") == 0)
        return;
    log_debug(connection_log(puller->connection), "pull: %s %s", status, description);
    size_t unmet = puller->asked;
    if (natsMsgHeader_Get(message, "Nats-Pending-Messages", &pending) == NATS_OK)
        unmet = strtoul(pending, NULL, 10);
    puller->asked -= unmet < puller->asked ? unmet : puller->asked;
    if (strcmp(status, "409") == 0)
        renew(puller);
}

static bool take_message(struct puller *puller, natsMsg *message, struct job *job)
{
    struct error error = {0};
    puller->heard = duration_now();
    if (is_status(puller, message)) {
        take_status(puller, message);
        natsMsg_Destroy(message);
        return false;
    }
    puller->asked -= puller->asked > 0;
    if (job_from_delivery(job, message, &error) < 0) {
        log_error(connection_log(puller->connection), &error);
        return false;
    }
    puller->held++;
    puller->taken++;
    return true;
}

/* One look at the subscription. The lock is not held while it waits. */
static natsStatus next(struct puller *puller, natsMsg **message, int64_t ns)
{
    natsSubscription *sub = puller->sub;
    pthread_mutex_unlock(&puller->lock);
    natsStatus s = natsSubscription_NextMsg(message, sub, 0);
    if (s == NATS_TIMEOUT && ns > 0)
        s = natsSubscription_NextMsg(message, sub, ns / DURATION_MS + 1);
    pthread_mutex_lock(&puller->lock);
    return s;
}

/* The server has confirmed that it sends no more, or had its time to. */
static bool is_drained(const struct puller *puller)
{
    return natsSubscription_DrainCompletionStatus(puller->sub) != NATS_ILLEGAL_STATE;
}

static bool at_limit(const struct puller *puller)
{
    return puller->options.limit > 0 && puller->taken >= puller->options.limit;
}

static enum puller_result take_locked(struct puller *puller, struct job *job, int64_t ns)
{
    int64_t end = duration_now() + ns;
    for (;;) {
        if (at_limit(puller))
            return PULLER_ENDED;
        /* Not from the stop on, also before puller_stop: a job taken then costs it an attempt. */
        if (!puller->stopping && !stop_requested()) {
            if (is_lost(puller))
                renew(puller);
            ask(puller);
        }
        int64_t left = end - duration_now();
        int64_t wait = left < look_around && !puller->stopping ? left : look_around;
        natsMsg *message = NULL;
        natsStatus s = next(puller, &message, wait);
        if (s == NATS_OK && take_message(puller, message, job))
            return PULLER_JOB;
        if (s != NATS_OK && puller->stopping && is_drained(puller))
            return PULLER_ENDED;
        if (s == NATS_NO_RESPONDERS)
            renew(puller);
        if (left <= 0)
            return PULLER_IDLE;
    }
}

enum puller_result puller_take(struct puller *puller, struct job *job, int64_t ns)
{
    pthread_mutex_lock(&puller->lock);
    puller->waiting++;
    enum puller_result result = take_locked(puller, job, ns);
    puller->waiting--;
    pthread_mutex_unlock(&puller->lock);
    return result;
}

void puller_release(struct puller *puller)
{
    pthread_mutex_lock(&puller->lock);
    puller->held--;
    pthread_mutex_unlock(&puller->lock);
}

void puller_stop(struct puller *puller)
{
    pthread_mutex_lock(&puller->lock);
    if (!puller->stopping) /* a drain: what the server sent before it heard of it still comes */
        natsSubscription_DrainTimeout(puller->sub, DRAIN_MS);
    puller->stopping = true;
    pthread_mutex_unlock(&puller->lock);
}
