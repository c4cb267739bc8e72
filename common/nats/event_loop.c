#include "nats/event_loop.h"

#include "base/clock.h"
#include "base/duration.h"
#include "base/thread.h"
#include "nats/loop_socket.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* How long the helper waits before it takes over the socket: a leader usually returns sooner. */
static const int64_t takeover_delay = 5 * DURATION_MS;

/* Which thread reads the socket. A thread in event_loop_next leads if nobody else does: it reads
 * once and looks for its message. Other threads there follow: they wait until the leader leaves.
 * The helper thread reads while nobody is in event_loop_next, for threads that wait in other ways.
 *
 *     NOBODY ── a thread enters event_loop_next ──▶ LEADER ── it has read ──▶ NOBODY
 *     NOBODY ── no leader for takeover_delay, or event_loop_let_helper_read ──▶ HELPER
 *     HELPER ── a thread enters event_loop_next ──▶ HELPER_YIELDS ── helper has read ──▶ RESERVED
 *     RESERVED ── that thread still needs to read ──▶ LEADER
 *     RESERVED ── the helper has read something for it ──▶ NOBODY */
enum reader { NOBODY, LEADER, HELPER, HELPER_YIELDS, RESERVED };

struct event_loop {
    struct loop_socket socket;
    atomic_bool interrupted; /* never unset; set with the lock held */
    pthread_t helper;
    pthread_mutex_t lock; /* protects all below */
    enum reader reader;
    pthread_cond_t reader_changed; /* the helper and threads that want to lead wait on it */
    pthread_cond_t leader_left;    /* followers wait on it */
    bool led_recently;             /* since the helper last looked */
    bool helper_is_idle;           /* until a leader leaves */
    bool stopping;                 /* also while there is no helper */
};

natsStatus event_loop_use(struct event_loop *loop, natsOptions *options)
{
    return loop_socket_use(&loop->socket, options);
}

static void wait_up_to(struct event_loop *loop, pthread_cond_t *condition, int64_t ns)
{
    int64_t end = clock_now() + ns;
    pthread_cond_clockwait(condition, &loop->lock, CLOCK_MONOTONIC,
                           &(struct timespec){end / DURATION_S, end % DURATION_S});
}

/* Reads until a thread wants to lead. */
static void read_as_helper(struct event_loop *loop)
{
    loop->reader = HELPER;
    while (loop->reader == HELPER && !loop->stopping) {
        pthread_mutex_unlock(&loop->lock);
        loop_socket_poll(&loop->socket, DURATION_HOUR);
        pthread_mutex_lock(&loop->lock);
    }
    loop->reader = loop->reader == HELPER ? NOBODY : RESERVED;
    pthread_cond_broadcast(&loop->reader_changed);
}

static void *run_helper(void *closure)
{
    struct event_loop *loop = closure;
    pthread_mutex_lock(&loop->lock);
    while (!loop->stopping) {
        bool led_recently = loop->led_recently;
        loop->led_recently = false;
        if (led_recently)
            wait_up_to(loop, &loop->reader_changed, takeover_delay);
        else if (loop->reader == NOBODY)
            read_as_helper(loop);
        else {
            loop->helper_is_idle = true;
            pthread_cond_wait(&loop->reader_changed, &loop->lock);
            loop->helper_is_idle = false;
        }
    }
    pthread_mutex_unlock(&loop->lock);
    return NULL;
}

/* False when another thread leads already, or something was read since the caller last looked. */
static bool try_to_lead(struct event_loop *loop, unsigned reads)
{
    pthread_mutex_lock(&loop->lock);
    while (loop->reader == HELPER || loop->reader == HELPER_YIELDS) {
        loop->reader = HELPER_YIELDS;
        loop_socket_wake(&loop->socket);
        pthread_cond_wait(&loop->reader_changed, &loop->lock);
    }
    bool leads = loop->reader != LEADER && atomic_load(&loop->socket.reads) == reads &&
                 !atomic_load(&loop->interrupted);
    if (leads)
        loop->reader = LEADER;
    else if (loop->reader == RESERVED)
        loop->reader = NOBODY;
    pthread_mutex_unlock(&loop->lock);
    return leads;
}

static void read_as_leader(struct event_loop *loop, int64_t ns)
{
    loop_socket_poll(&loop->socket, ns);
    pthread_mutex_lock(&loop->lock);
    loop->reader = NOBODY;
    pthread_mutex_unlock(&loop->lock);
}

/* Waits while another thread leads, unless something was read since the caller last looked. */
static void follow(struct event_loop *loop, unsigned reads, int64_t ns)
{
    pthread_mutex_lock(&loop->lock);
    if (loop->reader == LEADER && atomic_load(&loop->socket.reads) == reads &&
        !atomic_load(&loop->interrupted))
        wait_up_to(loop, &loop->leader_left, ns);
    pthread_mutex_unlock(&loop->lock);
}

/* A thread that leaves event_loop_next wakes one follower, which finds a message or leads. */
static void leave(struct event_loop *loop)
{
    pthread_mutex_lock(&loop->lock);
    loop->led_recently = true;
    pthread_cond_signal(&loop->leader_left);
    if (loop->helper_is_idle)
        pthread_cond_broadcast(&loop->reader_changed);
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
        if (try_to_lead(loop, reads))
            read_as_leader(loop, ns);
        else
            follow(loop, reads, ns);
    }
    leave(loop);
    return s;
}

void event_loop_cork(struct event_loop *loop)
{
    if (loop)
        loop_socket_cork(&loop->socket);
}

void event_loop_uncork(struct event_loop *loop)
{
    if (loop)
        loop_socket_uncork(&loop->socket);
}

void event_loop_interrupt(struct event_loop *loop)
{
    if (!loop)
        return;
    pthread_mutex_lock(&loop->lock);
    atomic_store(&loop->interrupted, true);
    pthread_cond_broadcast(&loop->leader_left);
    pthread_mutex_unlock(&loop->lock);
    loop_socket_wake(&loop->socket);
}

void event_loop_let_helper_read(struct event_loop *loop)
{
    if (!loop)
        return;
    pthread_mutex_lock(&loop->lock);
    loop->led_recently = false;
    pthread_cond_broadcast(&loop->reader_changed);
    pthread_mutex_unlock(&loop->lock);
}

int event_loop_open(struct event_loop **opened, struct error *error)
{
    _cleanup_(cleanup_event_loop) struct event_loop *loop = calloc(1, sizeof *loop);
    if (!loop)
        return error_set(error, EX_OSERR, "out of memory");
    loop->stopping = true;
    pthread_mutex_init(&loop->lock, NULL);
    pthread_cond_init(&loop->reader_changed, NULL);
    pthread_cond_init(&loop->leader_left, NULL);
    if (loop_socket_open(&loop->socket, error) < 0)
        return -1;
    loop->stopping = false;
    if (thread_start(&loop->helper, run_helper, loop, error) < 0) {
        loop->stopping = true;
        return -1;
    }
    *opened = take(loop);
    return 0;
}

void event_loop_stop(struct event_loop *loop)
{
    if (!loop || loop->stopping)
        return;
    pthread_mutex_lock(&loop->lock);
    loop->stopping = true;
    pthread_cond_broadcast(&loop->reader_changed);
    pthread_mutex_unlock(&loop->lock);
    loop_socket_wake(&loop->socket);
    pthread_join(loop->helper, NULL);
}

void event_loop_close(struct event_loop *loop)
{
    if (!loop)
        return;
    event_loop_stop(loop);
    pthread_cond_destroy(&loop->reader_changed);
    pthread_cond_destroy(&loop->leader_left);
    pthread_mutex_destroy(&loop->lock);
    loop_socket_close(&loop->socket);
    free(loop);
}
