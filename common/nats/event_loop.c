#include "nats/event_loop.h"

#include "base/clock.h"
#include "base/duration.h"
#include "nats/loop_socket.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* How long the helper waits before it takes over the socket from a thread that led. */
static const int64_t leave_to = 5 * DURATION_MS;

enum driver { NOBODY, HELPER, WAITER };

struct event_loop {
    struct loop_socket socket;
    atomic_bool interrupted; /* for good; set with the lock */
    pthread_t helper;
    pthread_mutex_t lock; /* for all below */
    pthread_cond_t changed;
    enum driver driver;
    bool wanted;   /* by a thread in event_loop_next, from the helper */
    bool led;      /* by such a thread, since the helper last looked */
    bool sleeping; /* the helper, until it is woken */
    pthread_cond_t led_on;
    size_t followers; /* threads in event_loop_next that wait until the one that leads leaves */
    bool stopping, stopped;
};

natsStatus event_loop_use(struct event_loop *loop, natsOptions *options)
{
    return loop_socket_use(&loop->socket, options);
}

static void sleep_for(struct event_loop *loop, pthread_cond_t *condition, int64_t ns)
{
    int64_t end = clock_now() + ns;
    pthread_cond_clockwait(condition, &loop->lock, CLOCK_MONOTONIC,
                           &(struct timespec){end / DURATION_S, end % DURATION_S});
}

/* Drives until a thread in event_loop_next wants to. */
static void drive(struct event_loop *loop)
{
    loop->driver = HELPER;
    while (!loop->wanted && !loop->stopping) {
        pthread_mutex_unlock(&loop->lock);
        loop_socket_turn(&loop->socket, DURATION_HOUR);
        pthread_mutex_lock(&loop->lock);
    }
    loop->driver = NOBODY;
    pthread_cond_broadcast(&loop->changed);
}

/* A thread that led and left usually comes back soon, so the socket is left alone for a while; then
 * it is read here, for the threads that wait for something else. */
static void *help(void *closure)
{
    struct event_loop *loop = closure;
    pthread_mutex_lock(&loop->lock);
    while (!loop->stopping) {
        bool was_led = loop->led;
        loop->led = false;
        if (loop->driver == NOBODY && !loop->wanted && !was_led)
            drive(loop);
        else if (was_led)
            sleep_for(loop, &loop->changed, leave_to);
        else {
            loop->sleeping = true;
            pthread_cond_wait(&loop->changed, &loop->lock);
            loop->sleeping = false;
        }
    }
    pthread_mutex_unlock(&loop->lock);
    return NULL;
}

/* False when another thread leads already, or something was read since the caller last looked. */
static bool lead(struct event_loop *loop, unsigned reads)
{
    pthread_mutex_lock(&loop->lock);
    while (loop->driver == HELPER) {
        loop->wanted = true;
        loop_socket_wake(&loop->socket);
        pthread_cond_wait(&loop->changed, &loop->lock);
    }
    loop->wanted = false;
    bool leads = loop->driver == NOBODY && atomic_load(&loop->socket.reads) == reads &&
                 !atomic_load(&loop->interrupted);
    if (leads)
        loop->driver = WAITER;
    pthread_mutex_unlock(&loop->lock);
    return leads;
}

static void lead_once(struct event_loop *loop, int64_t ns)
{
    loop_socket_turn(&loop->socket, ns);
    pthread_mutex_lock(&loop->lock);
    loop->driver = NOBODY;
    pthread_mutex_unlock(&loop->lock);
}

/* Waits while another thread leads, unless something was read since the caller last looked. */
static void follow(struct event_loop *loop, unsigned reads, int64_t ns)
{
    pthread_mutex_lock(&loop->lock);
    loop->followers++;
    if (loop->driver == WAITER && atomic_load(&loop->socket.reads) == reads &&
        !atomic_load(&loop->interrupted))
        sleep_for(loop, &loop->led_on, ns);
    loop->followers--;
    pthread_mutex_unlock(&loop->lock);
}

/* Each that leaves event_loop_next sends the next one to look, for a message that came with its own
 * or to lead; without a next one the helper's turn begins soon. */
static void leave(struct event_loop *loop)
{
    pthread_mutex_lock(&loop->lock);
    loop->led = true;
    if (loop->followers > 0)
        pthread_cond_signal(&loop->led_on);
    if (loop->sleeping)
        pthread_cond_broadcast(&loop->changed);
    pthread_mutex_unlock(&loop->lock);
}

natsStatus event_loop_next(struct event_loop *loop, natsSubscription *sub, int64_t ns,
                           natsMsg **message)
{
    natsStatus s = natsSubscription_NextMsg(message, sub, 0);
    if (s != NATS_TIMEOUT || ns <= 0)
        return s;
    if (!loop)
        return natsSubscription_NextMsg(message, sub, ns / DURATION_MS + 1);
    int64_t end = clock_now() + ns;
    for (;;) {
        unsigned reads = atomic_load(&loop->socket.reads);
        s = natsSubscription_NextMsg(message, sub, 0);
        ns = end - clock_now();
        if (s != NATS_TIMEOUT || ns <= 0 || atomic_load(&loop->interrupted))
            break;
        if (lead(loop, reads))
            lead_once(loop, ns);
        else
            follow(loop, reads, ns);
    }
    leave(loop);
    return s;
}

void event_loop_hold(struct event_loop *loop)
{
    if (loop)
        loop_socket_hold(&loop->socket);
}

void event_loop_send(struct event_loop *loop)
{
    if (loop)
        loop_socket_send(&loop->socket);
}

void event_loop_interrupt(struct event_loop *loop)
{
    if (!loop)
        return;
    pthread_mutex_lock(&loop->lock);
    atomic_store(&loop->interrupted, true);
    pthread_cond_broadcast(&loop->led_on);
    pthread_mutex_unlock(&loop->lock);
    loop_socket_wake(&loop->socket);
}

void event_loop_attend(struct event_loop *loop)
{
    if (!loop)
        return;
    pthread_mutex_lock(&loop->lock);
    loop->led = false;
    pthread_cond_broadcast(&loop->changed);
    pthread_mutex_unlock(&loop->lock);
}

int event_loop_open(struct event_loop **opened, struct error *error)
{
    _cleanup_(cleanup_event_loop) struct event_loop *loop = calloc(1, sizeof *loop);
    if (!loop)
        return error_set(error, EX_OSERR, "out of memory");
    loop->stopped = true;
    pthread_mutex_init(&loop->lock, NULL);
    pthread_cond_init(&loop->changed, NULL);
    pthread_cond_init(&loop->led_on, NULL);
    if (loop_socket_open(&loop->socket, error) < 0)
        return -1;
    int failed = pthread_create(&loop->helper, NULL, help, loop);
    if (failed)
        return error_set(error, EX_OSERR, "cannot start a thread: %s", strerror(failed));
    loop->stopped = false;
    *opened = take(loop);
    return 0;
}

void event_loop_stop(struct event_loop *loop)
{
    if (!loop || loop->stopped)
        return;
    pthread_mutex_lock(&loop->lock);
    loop->stopping = true;
    pthread_cond_broadcast(&loop->changed);
    pthread_mutex_unlock(&loop->lock);
    loop_socket_wake(&loop->socket);
    pthread_join(loop->helper, NULL);
    loop->stopped = true;
}

void event_loop_close(struct event_loop *loop)
{
    if (!loop)
        return;
    event_loop_stop(loop);
    pthread_cond_destroy(&loop->changed);
    pthread_cond_destroy(&loop->led_on);
    pthread_mutex_destroy(&loop->lock);
    loop_socket_close(&loop->socket);
    free(loop);
}
