#include "run/lease.h"

#include "base/clock.h"
#include "base/duration.h"
#include "base/thread.h"
#include "handler/attempt.h"
#include "letters/batch_size.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

struct lease {
    struct connection *connection;
    const char *stream;
    pthread_t thread;
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    /* Called with the mutex held. */
    bool closing;
    struct attempt attempts[BATCH_MAX];
    size_t n;
};

static int64_t next_due(const struct lease *lease)
{
    int64_t due = INT64_MAX;
    for (size_t i = 0; i < lease->n; i++)
        if (lease->attempts[i].renew_at < due)
            due = lease->attempts[i].renew_at;
    return due;
}

/* Called with the mutex held, so that lease_end waits for a renewal that is being sent. */
static void renew_due(struct lease *lease)
{
    int64_t now = clock_now();
    for (size_t i = 0; i < lease->n; i++)
        if (lease->attempts[i].renew_at <= now)
            attempt_renew_lease(&lease->attempts[i]);
}

static void wait_until(struct lease *lease, int64_t due)
{
    const struct timespec at = {.tv_sec = due / DURATION_S, .tv_nsec = due % DURATION_S};
    if (due == INT64_MAX)
        pthread_cond_wait(&lease->changed, &lease->mutex);
    else
        pthread_cond_clockwait(&lease->changed, &lease->mutex, CLOCK_MONOTONIC, &at);
}

static void *renew_until_closed(void *closure)
{
    struct lease *lease = closure;
    pthread_mutex_lock(&lease->mutex);
    while (!lease->closing) {
        wait_until(lease, next_due(lease));
        renew_due(lease);
    }
    pthread_mutex_unlock(&lease->mutex);
    return NULL;
}

int lease_open(struct lease **opened, struct connection *connection, const char *stream,
               struct error *error)
{
    _cleanup_(cleanup_free) struct lease *lease = calloc(1, sizeof *lease);
    if (!lease)
        return error_set(error, EX_OSERR, "out of memory");
    lease->connection = connection;
    lease->stream = stream;
    pthread_mutex_init(&lease->mutex, NULL);
    pthread_cond_init(&lease->changed, NULL);
    if (thread_start(&lease->thread, renew_until_closed, lease, error) < 0)
        return -1;
    *opened = take(lease);
    return 0;
}

void lease_close(struct lease *lease)
{
    if (!lease)
        return;
    pthread_mutex_lock(&lease->mutex);
    lease->closing = true;
    pthread_cond_signal(&lease->changed);
    pthread_mutex_unlock(&lease->mutex);
    pthread_join(lease->thread, NULL);
    pthread_cond_destroy(&lease->changed);
    pthread_mutex_destroy(&lease->mutex);
    free(lease);
}

void lease_begin(struct lease *lease, const struct job *messages, size_t n,
                 const struct durable_state *durable)
{
    pthread_mutex_lock(&lease->mutex);
    for (size_t i = 0; i < n; i++)
        attempt_begin(&lease->attempts[i], lease->connection, lease->stream, NULL, &messages[i],
                      durable);
    lease->n = n;
    pthread_cond_signal(&lease->changed);
    pthread_mutex_unlock(&lease->mutex);
}

void lease_end(struct lease *lease)
{
    pthread_mutex_lock(&lease->mutex);
    lease->n = 0;
    pthread_mutex_unlock(&lease->mutex);
}
