#include "nats/loop_socket.h"

#include "base/duration.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

/* How long output is collected before it is sent, as by nats.c's flusher. */
static const int64_t flush_delay = 1 * DURATION_MS;

void loop_socket_wake(struct loop_socket *socket)
{
    (void)!write(socket->wakeup, &(uint64_t){1}, sizeof(uint64_t));
}

/* The four callbacks. nats.c holds its lock on the connection in the first three, so they take
 * none. */
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

/* Called with `add` false when the socket has to be closed, which the event loop must do. */
static natsStatus on_read(void *closure, bool add)
{
    struct loop_socket *socket = closure;
    natsSock fd = add ? -1 : atomic_exchange(&socket->fd, -1);
    natsConnection_ProcessCloseEvent(&fd);
    loop_socket_wake(socket); /* so that it is no longer polled */
    return NATS_OK;
}

static natsStatus on_write(void *closure, bool add)
{
    struct loop_socket *socket = closure;
    atomic_store(&socket->has_output, add);
    if (add && atomic_load(&socket->polling) && atomic_load(&socket->corks) == 0)
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

/* One thread at a time and only if there is output, because nats.c takes an empty write for the end
 * of the connection. False when the socket takes no more for now. */
static bool send_output(struct loop_socket *socket)
{
    pthread_mutex_lock(&socket->sending);
    if (atomic_load(&socket->has_output) && atomic_load(&socket->fd) >= 0)
        natsConnection_ProcessWriteEvent(socket->nats);
    bool sent = !atomic_load(&socket->has_output) || atomic_load(&socket->fd) < 0;
    pthread_mutex_unlock(&socket->sending);
    return sent;
}

static int wait_ready(struct loop_socket *socket, struct pollfd ready[2], int64_t ns)
{
    bool collects = atomic_load(&socket->has_output) && !socket->is_blocked;
    int64_t most = collects && ns > flush_delay ? flush_delay : ns;
    ready[0] = (struct pollfd){.fd = socket->wakeup, .events = POLLIN};
    ready[1] = (struct pollfd){.fd = atomic_load(&socket->fd),
                               .events = (short)(socket->is_blocked ? POLLIN | POLLOUT : POLLIN)};
    return ppoll(ready, 2, &(struct timespec){most / DURATION_S, most % DURATION_S}, NULL);
}

static void read_messages(struct loop_socket *socket)
{
    nats_fix_parser_read(&socket->parser, socket->nats, atomic_load(&socket->attached));
    atomic_fetch_add(&socket->reads, 1);
}

void loop_socket_poll(struct loop_socket *socket, int64_t ns)
{
    struct pollfd ready[2];
    bool had_output = socket->had_output;
    socket->had_output = atomic_load(&socket->has_output);
    atomic_store(&socket->polling, true);
    int n = wait_ready(socket, ready, ns);
    atomic_store(&socket->polling, false);
    uint64_t count;
    if (ready[0].revents)
        (void)!read(socket->wakeup, &count, sizeof count);
    if (n == 0 || had_output || ready[0].revents || (ready[1].revents & POLLOUT))
        socket->is_blocked = !send_output(socket);
    if ((ready[1].revents & ~POLLOUT) && ready[1].fd == atomic_load(&socket->fd))
        read_messages(socket);
}

void loop_socket_cork(struct loop_socket *socket)
{
    atomic_fetch_add(&socket->corks, 1);
}

void loop_socket_uncork(struct loop_socket *socket)
{
    send_output(socket);
    atomic_fetch_sub(&socket->corks, 1);
    if (atomic_load(&socket->has_output)) /* the rest, or the output of another thread */
        loop_socket_wake(socket);
}

int loop_socket_open(struct loop_socket *socket, struct error *error)
{
    pthread_mutex_init(&socket->sending, NULL);
    atomic_store(&socket->fd, -1);
    socket->wakeup = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    return socket->wakeup < 0
               ? error_set(error, EX_OSERR, "cannot create an eventfd: %s", strerror(errno))
               : 0;
}

void loop_socket_close(struct loop_socket *socket)
{
    if (socket->wakeup >= 0)
        close(socket->wakeup);
    pthread_mutex_destroy(&socket->sending);
}
