/* bench_loop URL STREAM DURABLE COUNT BATCH: nats.c with an event loop of one thread, which reads,
 * acknowledges and asks by itself: what is left of nats.c's cost without its threads. Never more
 * than BATCH in hand. Knows no reconnect. */
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

static void turn(struct event_loop *loop)
{
    if (loop->writes) /* a write of nothing is taken for the end of the connection */
        natsConnection_ProcessWriteEvent(loop->connection);
    struct pollfd wait = {loop->socket, POLLIN, 0};
    if (poll(&wait, 1, 5000) == 1)
        natsConnection_ProcessReadEvent(loop->connection);
}

struct work {
    struct event_loop *loop;
    natsSubscription *sub;
    char subject[256], inbox[64];
    long left, asked, batch;
};

static void ask(struct work *work)
{
    char body[128];
    long n = work->batch - work->asked;
    if (n > work->left - work->asked)
        n = work->left - work->asked;
    if (n <= 0 || work->asked > 0)
        return;
    snprintf(body, sizeof body, "{\"batch\":%ld,\"expires\":30000000000}", n);
    check(natsConnection_PublishRequestString(work->loop->connection, work->subject, work->inbox,
                                              body),
          "ask");
    work->asked += n;
}

static void run(struct work *work)
{
    while (work->left > 0) {
        natsMsg *message = NULL;
        ask(work);
        if (natsSubscription_NextMsg(&message, work->sub, 0) != NATS_OK) {
            turn(work->loop);
            continue;
        }
        if (strncmp(natsMsg_GetReply(message) ? natsMsg_GetReply(message) : "", "$JS.ACK.", 8) ==
            0) {
            check(natsConnection_PublishString(work->loop->connection, natsMsg_GetReply(message),
                                               "+ACK"),
                  "ack");
            work->left--;
            work->asked--;
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
    return 0; /* the process ends: a loop that closes in order is more than is measured here */
}
