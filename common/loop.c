#include "loop.h"

#include "duration.h"
#include "nats_parser.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

static const int64_t gather = 1 * DURATION_MS; /* as nats.c's flusher does */
static const int64_t leave_to =
    5 * DURATION_MS; /* the helper leaves the socket that long to who led */

enum driver { NOBODY, HELPER, WAITER };

struct loop {
    natsConnection *nats;
    void **parser;        /* the driver's: nats.c's, of the socket that it last read */
    unsigned parsed;      /* that one's number */
    atomic_uint attached; /* counts the sockets */
    int event;            /* readable: look again */
    atomic_int socket;
    /* `writes`: nats.c has something to send. `polling`: who drives would not see that by itself.
     * Each side sets its own before it looks at the other's, so that one of them sees both. */
    atomic_bool writes, polling;
    atomic_bool interrupted; /* for good; set with the lock */
    atomic_uint held;        /* threads that will send by themselves what is written meanwhile */
    atomic_uint reads;       /* counts them: after each a message may be there */
    /* The driver's: the socket takes no more for now; something was there to be sent before the
     * last turn already. */
    bool stuck, waits;
    pthread_mutex_t sending;
    pthread_t helper;
    pthread_mutex_t lock; /* for all below */
    pthread_cond_t changed;
    enum driver driver;
    bool wanted;   /* by a thread in loop_next, from the helper */
    bool led;      /* by such a thread, since the helper last looked */
    bool sleeping; /* the helper, until it is woken */
    pthread_cond_t led_on;
    size_t followers; /* threads in loop_next that wait for who leads to leave */
    bool stopping, stopped;
};

static void wake(struct loop *loop)
{
    (void)!write(loop->event, &(uint64_t){1}, sizeof(uint64_t));
}

/* The four calls of nats.c; the first three under its lock on the connection, so they take none. */
static natsStatus on_attach(void **closure, void *given, natsConnection *nats, natsSock socket)
{
    struct loop *loop = given;
    *closure = loop;
    if (!loop->nats)
        loop->nats = nats;
    atomic_fetch_add(&loop->attached, 1);
    atomic_store(&loop->socket, socket);
    wake(loop);
    return NATS_OK;
}

/* The end of the connection, or of this one of several: the socket is ours to close. */
static natsStatus on_read(void *closure, bool add)
{
    struct loop *loop = closure;
    natsSock socket = add ? -1 : atomic_exchange(&loop->socket, -1);
    natsConnection_ProcessCloseEvent(&socket);
    wake(loop); /* who polls it */
    return NATS_OK;
}

static natsStatus on_write(void *closure, bool add)
{
    struct loop *loop = closure;
    atomic_store(&loop->writes, add);
    if (add && atomic_load(&loop->polling) && atomic_load(&loop->held) == 0)
        wake(loop);
    return NATS_OK;
}

static natsStatus on_detach(void *closure)
{
    struct loop *loop = closure;
    natsConnection_ProcessDetachedEvent(loop->nats);
    return NATS_OK;
}

natsStatus loop_use(struct loop *loop, natsOptions *options)
{
    natsStatus s = natsOptions_SetEventLoop(options, loop, on_attach, on_read, on_write, on_detach);
    return s == NATS_OK ? natsOptions_SetSendAsap(options, true) : s; /* no flusher thread */
}

/* nats.c takes a write of nothing for the end of the connection, so one thread at a time, and only
 * when there is something. False when the socket takes no more for now. */
static bool send_written(struct loop *loop)
{
    pthread_mutex_lock(&loop->sending);
    if (atomic_load(&loop->writes) && atomic_load(&loop->socket) >= 0)
        natsConnection_ProcessWriteEvent(loop->nats);
    bool sent = !atomic_load(&loop->writes) || atomic_load(&loop->socket) < 0;
    pthread_mutex_unlock(&loop->sending);
    return sent;
}

static int wait_ready(struct loop *loop, struct pollfd ready[2], int64_t ns)
{
    bool gathers = atomic_load(&loop->writes) && !loop->stuck;
    int64_t most = gathers && ns > gather ? gather : ns;
    ready[0] = (struct pollfd){.fd = loop->event, .events = POLLIN};
    ready[1] = (struct pollfd){.fd = atomic_load(&loop->socket),
                               .events = (short)(loop->stuck ? POLLIN | POLLOUT : POLLIN)};
    return ppoll(ready, 2, &(struct timespec){most / DURATION_S, most % DURATION_S}, NULL);
}

static void read_socket(struct loop *loop)
{
    unsigned number = atomic_load(&loop->attached);
    if (loop->parser && loop->parsed != number)
        nats_parser_drop(loop->parser);
    loop->parsed = number;
    nats_parser_see(&loop->parser);
    natsConnection_ProcessReadEvent(loop->nats);
    nats_parser_see(NULL);
    atomic_fetch_add(&loop->reads, 1);
}

/* Sends and reads once, waiting up to `ns`. By the driver alone. */
static void turn(struct loop *loop, int64_t ns)
{
    struct pollfd ready[2];
    bool waited = loop->waits;
    loop->waits = atomic_load(&loop->writes);
    atomic_store(&loop->polling, true);
    int n = wait_ready(loop, ready, ns);
    atomic_store(&loop->polling, false);
    uint64_t count;
    if (ready[0].revents)
        (void)!read(loop->event, &count, sizeof count);
    if (n == 0 || waited || ready[0].revents || (ready[1].revents & POLLOUT))
        loop->stuck = !send_written(loop);
    if ((ready[1].revents & ~POLLOUT) && ready[1].fd == atomic_load(&loop->socket))
        read_socket(loop);
}

static void sleep_for(struct loop *loop, pthread_cond_t *condition, int64_t ns)
{
    int64_t end = duration_now() + ns;
    pthread_cond_clockwait(condition, &loop->lock, CLOCK_MONOTONIC,
                           &(struct timespec){end / DURATION_S, end % DURATION_S});
}

/* Drives until a thread in loop_next wants to. */
static void drive(struct loop *loop)
{
    loop->driver = HELPER;
    while (!loop->wanted && !loop->stopping) {
        pthread_mutex_unlock(&loop->lock);
        turn(loop, DURATION_HOUR);
        pthread_mutex_lock(&loop->lock);
    }
    loop->driver = NOBODY;
    pthread_cond_broadcast(&loop->changed);
}

/* Who led and left comes back soon as a rule, so the socket is left alone for a while; then it is
 * read here, for whoever else waits for something. */
static void *help(void *closure)
{
    struct loop *loop = closure;
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
static bool lead(struct loop *loop, unsigned reads)
{
    pthread_mutex_lock(&loop->lock);
    while (loop->driver == HELPER) {
        loop->wanted = true;
        wake(loop);
        pthread_cond_wait(&loop->changed, &loop->lock);
    }
    loop->wanted = false;
    bool leads = loop->driver == NOBODY && atomic_load(&loop->reads) == reads &&
                 !atomic_load(&loop->interrupted);
    if (leads)
        loop->driver = WAITER;
    pthread_mutex_unlock(&loop->lock);
    return leads;
}

static void lead_once(struct loop *loop, int64_t ns)
{
    turn(loop, ns);
    pthread_mutex_lock(&loop->lock);
    loop->driver = NOBODY;
    pthread_mutex_unlock(&loop->lock);
}

/* Waits while another thread leads, unless something was read since the caller last looked. */
static void follow(struct loop *loop, unsigned reads, int64_t ns)
{
    pthread_mutex_lock(&loop->lock);
    loop->followers++;
    if (loop->driver == WAITER && atomic_load(&loop->reads) == reads &&
        !atomic_load(&loop->interrupted))
        sleep_for(loop, &loop->led_on, ns);
    loop->followers--;
    pthread_mutex_unlock(&loop->lock);
}

/* Each that leaves loop_next sends the next one to look, for a message that came with its own or to
 * lead; without a next one the helper's turn begins soon. */
static void leave(struct loop *loop)
{
    pthread_mutex_lock(&loop->lock);
    loop->led = true;
    if (loop->followers > 0)
        pthread_cond_signal(&loop->led_on);
    if (loop->sleeping)
        pthread_cond_broadcast(&loop->changed);
    pthread_mutex_unlock(&loop->lock);
}

natsStatus loop_next(struct loop *loop, natsSubscription *sub, int64_t ns, natsMsg **message)
{
    natsStatus s = natsSubscription_NextMsg(message, sub, 0);
    if (s != NATS_TIMEOUT || ns <= 0)
        return s;
    if (!loop)
        return natsSubscription_NextMsg(message, sub, ns / DURATION_MS + 1);
    int64_t end = duration_now() + ns;
    for (;;) {
        unsigned reads = atomic_load(&loop->reads);
        s = natsSubscription_NextMsg(message, sub, 0);
        ns = end - duration_now();
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

void loop_hold(struct loop *loop)
{
    if (loop)
        atomic_fetch_add(&loop->held, 1);
}

void loop_send(struct loop *loop)
{
    if (!loop)
        return;
    send_written(loop);
    atomic_fetch_sub(&loop->held, 1);
    if (atomic_load(&loop->writes)) /* the rest, or what another thread wrote meanwhile */
        wake(loop);
}

void loop_interrupt(struct loop *loop)
{
    if (!loop)
        return;
    pthread_mutex_lock(&loop->lock);
    atomic_store(&loop->interrupted, true);
    pthread_cond_broadcast(&loop->led_on);
    pthread_mutex_unlock(&loop->lock);
    wake(loop);
}

void loop_attend(struct loop *loop)
{
    if (!loop)
        return;
    pthread_mutex_lock(&loop->lock);
    loop->led = false;
    pthread_cond_broadcast(&loop->changed);
    pthread_mutex_unlock(&loop->lock);
}

int loop_open(struct loop **opened, struct error *error)
{
    _cleanup_(cleanup_loop) struct loop *loop = calloc(1, sizeof *loop);
    if (!loop)
        return error_set(error, EX_OSERR, "out of memory");
    loop->stopped = true;
    pthread_mutex_init(&loop->sending, NULL);
    pthread_mutex_init(&loop->lock, NULL);
    pthread_cond_init(&loop->changed, NULL);
    pthread_cond_init(&loop->led_on, NULL);
    atomic_store(&loop->socket, -1);
    loop->event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (loop->event < 0)
        return error_set(error, EX_OSERR, "cannot make an eventfd: %s", strerror(errno));
    int failed = pthread_create(&loop->helper, NULL, help, loop);
    if (failed)
        return error_set(error, EX_OSERR, "cannot start a thread: %s", strerror(failed));
    loop->stopped = false;
    *opened = take(loop);
    return 0;
}

void loop_stop(struct loop *loop)
{
    if (!loop || loop->stopped)
        return;
    pthread_mutex_lock(&loop->lock);
    loop->stopping = true;
    pthread_cond_broadcast(&loop->changed);
    pthread_mutex_unlock(&loop->lock);
    wake(loop);
    pthread_join(loop->helper, NULL);
    loop->stopped = true;
}

void loop_close(struct loop *loop)
{
    if (!loop)
        return;
    loop_stop(loop);
    if (loop->event >= 0)
        close(loop->event);
    pthread_cond_destroy(&loop->changed);
    pthread_cond_destroy(&loop->led_on);
    pthread_mutex_destroy(&loop->lock);
    pthread_mutex_destroy(&loop->sending);
    free(loop);
}
