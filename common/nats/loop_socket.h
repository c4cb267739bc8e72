/* loop_socket: a connection's socket as nats.c hands it to an event loop
 * (natsOptions_SetEventLoop). The event loop decides which thread polls, reads and writes it: that
 * is "the reader". */
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
    int wakeup;           /* eventfd that ends a poll; -1: none */
    atomic_int fd;        /* -1: none */
    atomic_uint attached; /* counts the sockets, one for each connect */
    atomic_uint reads;    /* counts the reads: a message may have arrived after each */
    atomic_uint corks;    /* threads between cork and uncork */
    /* `has_output`: nats.c has something to send. `polling`: the reader would not notice that by
     * itself. Each side sets its own before it looks at the other's, so one of them sees both. */
    atomic_bool has_output, polling;
    pthread_mutex_t sending;
    /* The reader's: its parser; the socket takes no more output for now; there was output before
     * the last poll. */
    struct nats_fix_parser parser;
    bool is_blocked, had_output;
};

int loop_socket_open(struct loop_socket *socket, struct error *error);
void loop_socket_close(struct loop_socket *socket);

/* Connections that are made with these options, one at a time, use this socket. */
natsStatus loop_socket_use(struct loop_socket *socket, natsOptions *options);

/* Waits up to `ns`, then sends and reads once. By the reader alone. */
void loop_socket_poll(struct loop_socket *socket, int64_t ns);

/* Ends the wait of loop_socket_poll. Any thread. */
void loop_socket_wake(struct loop_socket *socket);

/* Output that is written between these two is sent by the second. Any thread. */
void loop_socket_cork(struct loop_socket *socket);
void loop_socket_uncork(struct loop_socket *socket);

#endif
