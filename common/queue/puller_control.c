#include "queue/puller.h"

#include "queue/puller_state.h"

void puller_release(struct puller *puller)
{
    pthread_mutex_lock(&puller->lock);
    puller->demand.held--;
    pthread_mutex_unlock(&puller->lock);
}

bool puller_holds_jobs(struct puller *puller)
{
    pthread_mutex_lock(&puller->lock);
    bool holds = puller->demand.held > 0;
    pthread_mutex_unlock(&puller->lock);
    return holds;
}

void puller_renew(struct puller *puller)
{
    pthread_mutex_lock(&puller->lock);
    puller->pull.is_lost = true;
    pthread_mutex_unlock(&puller->lock);
}

void puller_resize(struct puller *puller, size_t batch)
{
    pthread_mutex_lock(&puller->lock);
    puller->demand.batch = batch;
    pthread_mutex_unlock(&puller->lock);
}

void puller_adapt(struct puller *puller, const struct pull_limits *limits)
{
    pthread_mutex_lock(&puller->lock);
    puller->pull.limits = *limits;
    pthread_mutex_unlock(&puller->lock);
}

static void drain(struct puller *puller)
{
    if (!puller->is_draining)
        pull_subscription_drain(&puller->pull);
    puller->is_draining = true;
    event_loop_interrupt(connection_loop(puller->connection));
}

void puller_pause(struct puller *puller)
{
    pthread_mutex_lock(&puller->lock);
    puller->demand.is_paused = true;
    if (outstanding_count(&puller->pull.outstanding) > 0)
        drain(puller);
    pthread_mutex_unlock(&puller->lock);
}

void puller_resume(struct puller *puller)
{
    pthread_mutex_lock(&puller->lock);
    puller->demand.is_paused = false;
    pthread_mutex_unlock(&puller->lock);
}

void puller_stop(struct puller *puller)
{
    pthread_mutex_lock(&puller->lock);
    drain(puller);
    puller->is_stopping = true;
    pthread_cond_broadcast(&puller->restored);
    pthread_mutex_unlock(&puller->lock);
}
