/* bench_loop URL STREAM DURABLE COUNT BATCH: nats.c with an event loop in a single thread, which
 * reads, acknowledges and requests: the cost of nats.c without its threads. At most BATCH jobs are
 * in flight. It does not reconnect. */
#include <inttypes.h>
#include <nats/nats.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct event_loop {
    natsConnection *connection;
    natsSock socket;
    bool reads, writes;
};

static natsStatus attach(void **closure, void *loop, natsConnection *connection, natsSock socket)
{
    struct event_loop *mine = loop;
    *mine = (struct event_loop){connection, socket, true, false};
    *closure = mine;
    return NATS_OK;
}

static natsStatus want_read(void *closure, bool add)
{
    struct event_loop *loop = closure;
    loop->reads = add;
    return NATS_OK;
}

static natsStatus want_write(void *closure, bool add)
{
    struct event_loop *loop = closure;
    loop->writes = add;
    return NATS_OK;
}

static natsStatus detach(void *closure)
{
    (void)closure;
    return NATS_OK;
}

static void check(natsStatus s, const char *what)
{
    if (s == NATS_OK)
        return;
    fprintf(stderr, "bench_loop: %s: %s\n", what, natsStatus_GetText(s));
    exit(1);
}

static void run_once(struct event_loop *loop)
{
    if (loop->writes) /* without data nats.c would close the connection */
        natsConnection_ProcessWriteEvent(loop->connection);
    struct pollfd wait = {loop->socket, POLLIN, 0};
    if (poll(&wait, 1, 5000) == 1)
        natsConnection_ProcessReadEvent(loop->connection);
}

struct work {
    struct event_loop *loop;
    natsSubscription *sub;
    char subject[256], inbox[64];
    long left, outstanding, batch;
};

static void request(struct work *work)
{
    char body[128];
    long n = work->batch - work->outstanding;
    if (n > work->left - work->outstanding)
        n = work->left - work->outstanding;
    if (n <= 0 || work->outstanding > 0)
        return;
    snprintf(body, sizeof body, "{\"batch\":%ld,\"expires\":30000000000}", n);
    check(natsConnection_PublishRequestString(work->loop->connection, work->subject, work->inbox,
                                              body),
          "request");
    work->outstanding += n;
}

static void run(struct work *work)
{
    while (work->left > 0) {
        natsMsg *message = NULL;
        request(work);
        if (natsSubscription_NextMsg(&message, work->sub, 0) != NATS_OK) {
            run_once(work->loop);
            continue;
        }
        if (strncmp(natsMsg_GetReply(message) ? natsMsg_GetReply(message) : "", "$JS.ACK.", 8) ==
            0) {
            check(natsConnection_PublishString(work->loop->connection, natsMsg_GetReply(message),
                                               "+ACK"),
                  "ack");
            work->left--;
            work->outstanding--;
        }
        natsMsg_Destroy(message);
    }
}

int main(int argc, char **argv)
{
    if (argc != 6)
        return 64;
    struct event_loop loop = {0};
    struct work work = {.loop = &loop, .left = atol(argv[4]), .batch = atol(argv[5])};
    natsOptions *options = NULL;
    check(natsOptions_Create(&options), "options");
    check(natsOptions_SetURL(options, argv[1]), "url");
    check(natsOptions_SetEventLoop(options, &loop, attach, want_read, want_write, detach),
          "event loop");
    check(natsOptions_SetSendAsap(options, true), "no flusher");
    check(natsConnection_Connect(&loop.connection, options), "connect");
    snprintf(work.subject, sizeof work.subject, "$JS.API.CONSUMER.MSG.NEXT.%s.%s", argv[2],
             argv[3]);
    snprintf(work.inbox, sizeof work.inbox, "_INBOX.bench.%ld", (long)getpid());
    check(natsConnection_SubscribeSync(&work.sub, loop.connection, work.inbox), "subscribe");
    run(&work);
    while (natsConnection_Buffered(loop.connection) > 0)
        natsConnection_ProcessWriteEvent(loop.connection);
    return 0; /* without closing the connection, which is not measured */
}
