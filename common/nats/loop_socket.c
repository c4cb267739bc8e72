#include "nats/loop_socket.h"

#include "base/duration.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

static const int64_t gather = 1 * DURATION_MS; /* as nats.c's flusher does */

void loop_socket_wake(struct loop_socket *socket)
{
    (void)!write(socket->event, &(uint64_t){1}, sizeof(uint64_t));
}

/* The four calls of nats.c; the first three under its lock on the connection, so they take none. */
static natsStatus on_attach(void **closure, void *given, natsConnection *nats, natsSock fd)
{
    struct loop_socket *socket = given;
    *closure = socket;
    if (!socket->nats)
        socket->nats = nats;
    atomic_fetch_add(&socket->attached, 1);
    atomic_store(&socket->fd, fd);
    loop_socket_wake(socket);
    return NATS_OK;
}

/* The end of the connection, or of this one of several: the socket is ours to close. */
static natsStatus on_read(void *closure, bool add)
{
    struct loop_socket *socket = closure;
    natsSock fd = add ? -1 : atomic_exchange(&socket->fd, -1);
    natsConnection_ProcessCloseEvent(&fd);
    loop_socket_wake(socket); /* who polls it */
    return NATS_OK;
}

static natsStatus on_write(void *closure, bool add)
{
    struct loop_socket *socket = closure;
    atomic_store(&socket->writes, add);
    if (add && atomic_load(&socket->polling) && atomic_load(&socket->held) == 0)
        loop_socket_wake(socket);
    return NATS_OK;
}

static natsStatus on_detach(void *closure)
{
    struct loop_socket *socket = closure;
    natsConnection_ProcessDetachedEvent(socket->nats);
    return NATS_OK;
}

natsStatus loop_socket_use(struct loop_socket *socket, natsOptions *options)
{
    natsStatus s =
        natsOptions_SetEventLoop(options, socket, on_attach, on_read, on_write, on_detach);
    return s == NATS_OK ? natsOptions_SetSendAsap(options, true) : s; /* no flusher thread */
}

/* nats.c takes a write of nothing for the end of the connection, so one thread at a time, and only
 * when there is something. False when the socket takes no more for now. */
static bool send_written(struct loop_socket *socket)
{
    pthread_mutex_lock(&socket->sending);
    if (atomic_load(&socket->writes) && atomic_load(&socket->fd) >= 0)
        natsConnection_ProcessWriteEvent(socket->nats);
    bool sent = !atomic_load(&socket->writes) || atomic_load(&socket->fd) < 0;
    pthread_mutex_unlock(&socket->sending);
    return sent;
}

static int wait_ready(struct loop_socket *socket, struct pollfd ready[2], int64_t ns)
{
    bool gathers = atomic_load(&socket->writes) && !socket->stuck;
    int64_t most = gathers && ns > gather ? gather : ns;
    ready[0] = (struct pollfd){.fd = socket->event, .events = POLLIN};
    ready[1] = (struct pollfd){.fd = atomic_load(&socket->fd),
                               .events = (short)(socket->stuck ? POLLIN | POLLOUT : POLLIN)};
    return ppoll(ready, 2, &(struct timespec){most / DURATION_S, most % DURATION_S}, NULL);
}

static void read_messages(struct loop_socket *socket)
{
    nats_fix_parser_read(&socket->parser, socket->nats, atomic_load(&socket->attached));
    atomic_fetch_add(&socket->reads, 1);
}

void loop_socket_turn(struct loop_socket *socket, int64_t ns)
{
    struct pollfd ready[2];
    bool waited = socket->waits;
    socket->waits = atomic_load(&socket->writes);
    atomic_store(&socket->polling, true);
    int n = wait_ready(socket, ready, ns);
    atomic_store(&socket->polling, false);
    uint64_t count;
    if (ready[0].revents)
        (void)!read(socket->event, &count, sizeof count);
    if (n == 0 || waited || ready[0].revents || (ready[1].revents & POLLOUT))
        socket->stuck = !send_written(socket);
    if ((ready[1].revents & ~POLLOUT) && ready[1].fd == atomic_load(&socket->fd))
        read_messages(socket);
}

void loop_socket_hold(struct loop_socket *socket)
{
    atomic_fetch_add(&socket->held, 1);
}

void loop_socket_send(struct loop_socket *socket)
{
    send_written(socket);
    atomic_fetch_sub(&socket->held, 1);
    if (atomic_load(&socket->writes)) /* the rest, or what another thread wrote meanwhile */
        loop_socket_wake(socket);
}

int loop_socket_open(struct loop_socket *socket, struct error *error)
{
    pthread_mutex_init(&socket->sending, NULL);
    atomic_store(&socket->fd, -1);
    socket->event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    return socket->event < 0
               ? error_set(error, EX_OSERR, "cannot make an eventfd: %s", strerror(errno))
               : 0;
}

void loop_socket_close(struct loop_socket *socket)
{
    if (socket->event >= 0)
        close(socket->event);
    pthread_mutex_destroy(&socket->sending);
}
