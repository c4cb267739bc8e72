/* loop_socket: a connection's socket as nats.c's event loop interface (natsOptions_SetEventLoop,
 * 3.14) hands it out: polled, read and written. The loop decides which thread does so. */
#ifndef NATSQ_LOOP_SOCKET_H
#define NATSQ_LOOP_SOCKET_H

#include "base/error.h"
#include "nats/nats_fix_parser.h"

#include <nats/nats.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct loop_socket {
    natsConnection *nats;
    struct nats_fix_parser parser; /* the driver's */
    atomic_uint attached;          /* counts the sockets */
    int event;                     /* readable: look again; -1: none */
    atomic_int fd;                 /* -1: none */
    /* `writes`: nats.c has something to send. `polling`: the driver would not notice that by
     * itself. Each side sets its own before it looks at the other's, so one of them sees both. */
    atomic_bool writes, polling;
    atomic_uint held;  /* threads that will send by themselves what is written meanwhile */
    atomic_uint reads; /* counts them: after each a message may be there */
    /* The driver's: the socket takes no more for now; something was there to be sent before the
     * last turn already. */
    bool stuck, waits;
    pthread_mutex_t sending;
};

int loop_socket_open(struct loop_socket *socket, struct error *error);
void loop_socket_close(struct loop_socket *socket);

/* Connections made with these options, one at a time, use this socket. */
natsStatus loop_socket_use(struct loop_socket *socket, natsOptions *options);

/* Sends and reads once, waiting up to `ns`. By the driver alone: one thread at a time. */
void loop_socket_turn(struct loop_socket *socket, int64_t ns);

/* A turn that waits ends now. From any thread. */
void loop_socket_wake(struct loop_socket *socket);

/* What is written between these two is sent by the second. From any thread. */
void loop_socket_hold(struct loop_socket *socket);
void loop_socket_send(struct loop_socket *socket);

#endif
