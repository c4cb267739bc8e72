/* bench_fetch URL STREAM DURABLE COUNT BATCH: the plain use of nats.c: fetch a batch, acknowledge
 * each message. */
#include <nats/nats.h>
#include <stdio.h>
#include <stdlib.h>

static void check(natsStatus s, const char *what)
{
    if (s == NATS_OK)
        return;
    fprintf(stderr, "bench_fetch: %s: %s\n", what, natsStatus_GetText(s));
    exit(1);
}

static void settle(natsMsgList *list)
{
    for (int i = 0; i < list->Count; i++)
        check(natsMsg_Ack(list->Msgs[i], NULL), "ack");
    natsMsgList_Destroy(list);
}

int main(int argc, char **argv)
{
    if (argc != 6)
        return 64;
    long left = strtol(argv[4], NULL, 10);
    int batch = atoi(argv[5]);
    natsConnection *connection = NULL;
    jsCtx *js = NULL;
    natsSubscription *sub = NULL;
    jsSubOptions options;
    jsSubOptions_Init(&options);
    options.Stream = argv[2];
    options.Consumer = argv[3];
    options.ManualAck = true;
    check(natsConnection_ConnectTo(&connection, argv[1]), "connect");
    check(natsConnection_JetStream(&js, connection, NULL), "jetstream");
    check(js_PullSubscribe(&sub, js, NULL, argv[3], NULL, &options, NULL), "subscribe");
    while (left > 0) {
        natsMsgList list = {0};
        int n = left < batch ? (int)left : batch;
        natsStatus s = natsSubscription_Fetch(&list, sub, n, 5000, NULL);
        check(s, "fetch");
        left -= list.Count;
        settle(&list);
    }
    check(natsConnection_Flush(connection), "flush");
    natsSubscription_Destroy(sub);
    jsCtx_Destroy(js);
    natsConnection_Destroy(connection);
    nats_CloseAndWait(2000);
    return 0;
}
