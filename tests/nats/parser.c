/* A server breaks off within a message, and sends a whole one on the next connection. */
#include "fault.h"

#ifdef NATSQ_CORRECTED
#include "nats/nats_fix_parser.h"
#endif

#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <unistd.h>

static int listener;
static natsConnection *connection; /* as attached */
static atomic_int readable = -1;   /* the socket that the loop reads; -1: none */
static atomic_uint sockets;        /* attached so far */
static atomic_bool writes;         /* nats.c has something to send */
static atomic_bool third;          /* the client has connected once more than it should */

static void send_text(int client, const char *text)
{
    must(send(client, text, strlen(text), MSG_NOSIGNAL) == (ssize_t)strlen(text), "cannot send");
}

/* Until the client has sent this text. */
static void wait_for(int client, const char *text)
{
    char heard[8192] = "";
    size_t used = 0;
    while (!strstr(heard, text)) {
        ssize_t got = recv(client, heard + used, sizeof heard - 1 - used, 0);
        must(got > 0, "the client ends");
        used += (size_t)got;
        heard[used] = '\0';
    }
}

static int greet(const char *message)
{
    int client = accept(listener, NULL, NULL);
    send_text(client, "INFO {\"server_id\":\"x\",\"version\":\"2.15.0\",\"proto\":1,"
                      "\"headers\":true,\"max_payload\":1048576}\r\n");
    wait_for(client, "PING\r\n");
    send_text(client, "PONG\r\n");
    wait_for(client, "SUB a");
    send_text(client, message);
    return client;
}

static void *serve(void *closure)
{
    (void)closure;
    close(greet("MSG a 1 10\r\nhalf"));
    int second = greet("MSG a 1 5\r\nwhole\r\n");
    (void)accept(listener, NULL, NULL);
    atomic_store(&third, true);
    close(second);
    return NULL;
}

static natsStatus on_attach(void **data, void *loop, natsConnection *nats, natsSock fd)
{
    *data = loop;
    connection = nats;
    atomic_fetch_add(&sockets, 1);
    atomic_store(&readable, fd);
    return NATS_OK;
}

static natsStatus on_read(void *data, bool add)
{
    (void)data;
    natsSock fd = add ? -1 : atomic_exchange(&readable, -1);
    natsConnection_ProcessCloseEvent(&fd);
    return NATS_OK;
}

static natsStatus on_write(void *data, bool add)
{
    (void)data;
    atomic_store(&writes, add);
    return NATS_OK;
}

static natsStatus on_detach(void *data)
{
    (void)data;
    natsConnection_ProcessDetachedEvent(connection);
    return NATS_OK;
}

static void read_event(void)
{
#ifdef NATSQ_CORRECTED
    static struct nats_fix_parser fix;
    nats_fix_parser_read(&fix, connection, atomic_load(&sockets));
#else
    natsConnection_ProcessReadEvent(connection);
#endif
}

static void loop_once(void)
{
    struct pollfd ready = {.fd = atomic_load(&readable), .events = POLLIN};
    if (atomic_load(&writes) && ready.fd >= 0)
        natsConnection_ProcessWriteEvent(connection);
    if (poll(&ready, 1, 10) > 0)
        read_event();
}

static int listen_at(void)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof at;
    listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    must(bind(listener, (struct sockaddr *)&at, size) == 0 && listen(listener, 4) == 0 &&
             getsockname(listener, (struct sockaddr *)&at, &size) == 0,
         "cannot listen");
    return ntohs(at.sin_port);
}

static natsConnection *connect_to(int port)
{
    char url[64];
    natsOptions *options = NULL;
    natsConnection *nats = NULL;
    snprintf(url, sizeof url, "nats://127.0.0.1:%d", port);
    natsOptions_Create(&options);
    natsOptions_SetURL(options, url);
    natsOptions_SetReconnectWait(options, 10);
    natsOptions_SetSendAsap(options, true);
    natsOptions_SetEventLoop(options, &listener, on_attach, on_read, on_write, on_detach);
    must(natsConnection_Connect(&nats, options) == NATS_OK, "cannot connect");
    natsOptions_Destroy(options);
    return nats;
}

/* What arrives first must be the whole message, on the second connection. */
static bool is_faulty(void)
{
    enum { ROUNDS_MOST = 1500 };
    pthread_t server;
    natsSubscription *sub = NULL;
    natsMsg *message = NULL;
    int port = listen_at();
    must(pthread_create(&server, NULL, serve, NULL) == 0, "no thread");
    must(pthread_detach(server) == 0, "no detached thread"); /* it may wait forever */
    natsConnection *nats = connect_to(port);
    must(natsConnection_SubscribeSync(&sub, nats, "a") == NATS_OK, "cannot subscribe");
    for (int i = 0; i < ROUNDS_MOST && !atomic_load(&third); i++) {
        loop_once();
        if (natsSubscription_NextMsg(&message, sub, 0) == NATS_OK)
            return strcmp(natsMsg_GetData(message), "whole") != 0;
    }
    must(atomic_load(&third), "no message, and no further connection");
    return true;
}
