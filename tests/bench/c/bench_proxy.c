/* bench_proxy PORT [MS]: simulates a distant server. It forwards each connection to 127.0.0.1:PORT
 * and delays the data by MS milliseconds (10) in each direction. Prints the address that it listens
 * on; exits at the end of its stdin. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
    READ_SIZE = 256 << 10,
    HELD_MAX = 16 << 20, /* in one direction: what 1.6 GB/s transfer in 10 ms */
    PAIRS_MAX = 64,
    FIXED = 2, /* entries of the poll set before those of the pairs: stdin and the listener */
};

struct chunk {
    struct chunk *next;
    int64_t due;
    size_t length, written;
    char data[];
};

struct flow {
    int from, to;
    struct chunk *first, *last;
    size_t held;
    bool ended, blocked, shut;
};

struct pair {
    struct flow flow[2]; /* client to server, and back */
};

struct proxy {
    int listener, port;
    int64_t delay;
    struct pair *pairs[PAIRS_MAX];
    int count;
};

static int64_t now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void fail(const char *what)
{
    fprintf(stderr, "bench_proxy: %s: %s\n", what, strerror(errno));
    exit(1);
}

static struct sockaddr_in loopback(int port)
{
    return (struct sockaddr_in){.sin_family = AF_INET,
                                .sin_port = htons((uint16_t)port),
                                .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

static bool again(ssize_t n)
{
    return n < 0 && (errno == EAGAIN || errno == EINTR);
}

static void keep(struct flow *flow, const char *data, size_t length, int64_t due)
{
    struct chunk *chunk = malloc(sizeof *chunk + length);
    if (!chunk)
        fail("malloc");
    *chunk = (struct chunk){.due = due, .length = length};
    memcpy(chunk->data, data, length);
    if (flow->first)
        flow->last->next = chunk;
    else
        flow->first = chunk;
    flow->last = chunk;
    flow->held += length;
}

static void drop_first(struct flow *flow)
{
    struct chunk *chunk = flow->first;
    flow->first = chunk->next;
    flow->held -= chunk->length;
    free(chunk);
}

static bool flow_read(struct flow *flow, int64_t due)
{
    static char buffer[READ_SIZE];
    ssize_t n = read(flow->from, buffer, sizeof buffer);
    if (n < 0)
        return again(n);
    flow->ended = n == 0;
    if (n > 0)
        keep(flow, buffer, (size_t)n, due);
    return true;
}

static bool flow_write(struct flow *flow, int64_t time)
{
    flow->blocked = false;
    while (flow->first && flow->first->due <= time) {
        struct chunk *chunk = flow->first;
        ssize_t n = send(flow->to, chunk->data + chunk->written, chunk->length - chunk->written,
                         MSG_NOSIGNAL);
        flow->blocked = again(n);
        if (n < 0)
            return flow->blocked;
        chunk->written += (size_t)n;
        if (chunk->written == chunk->length)
            drop_first(flow);
    }
    if (flow->ended && !flow->first && !flow->shut) {
        flow->shut = true;
        shutdown(flow->to, SHUT_WR);
    }
    return true;
}

static void pair_close(struct pair *pair)
{
    for (int i = 0; i < 2; i++) {
        while (pair->flow[i].first)
            drop_first(&pair->flow[i]);
        close(pair->flow[i].from);
    }
    free(pair);
}

static bool flow_forward(struct flow *flow, const struct pollfd *from, int64_t delay)
{
    if ((from->revents & (POLLIN | POLLHUP | POLLERR)) && !flow->ended &&
        !flow_read(flow, now() + delay))
        return false;
    return flow_write(flow, now());
}

/* `polls` has the client's entry and the server's. False: the connection has ended. */
static bool pair_forward(struct pair *pair, const struct pollfd *polls, int64_t delay)
{
    return flow_forward(&pair->flow[0], &polls[0], delay) &&
           flow_forward(&pair->flow[1], &polls[1], delay) &&
           !(pair->flow[0].shut && pair->flow[1].shut);
}

static void accept_pair(struct proxy *proxy)
{
    int on = 1;
    struct sockaddr_in server = loopback(proxy->port);
    int near = accept4(proxy->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    int far = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct pair *pair = calloc(1, sizeof *pair);
    if (near < 0 || far < 0 || !pair)
        fail("a new connection");
    if (connect(far, (struct sockaddr *)&server, sizeof server) != 0) {
        close(near);
        close(far);
        free(pair);
        return;
    }
    setsockopt(near, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    setsockopt(far, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (fcntl(far, F_SETFL, O_NONBLOCK) != 0)
        fail("non-blocking");
    pair->flow[0] = (struct flow){.from = near, .to = far};
    pair->flow[1] = (struct flow){.from = far, .to = near};
    proxy->pairs[proxy->count++] = pair;
}

static short wanted(const struct flow *reads, const struct flow *writes)
{
    bool room = !reads->ended && reads->held < HELD_MAX;
    return (short)((room ? POLLIN : 0) | (writes->blocked ? POLLOUT : 0));
}

/* Returns when the first chunk that can be written is due; 0: there is none. */
static int64_t fill_polls(const struct proxy *proxy, struct pollfd *polls)
{
    int64_t due = 0;
    polls[0] = (struct pollfd){STDIN_FILENO, POLLIN, 0};
    polls[1] = (struct pollfd){proxy->count < PAIRS_MAX ? proxy->listener : -1, POLLIN, 0};
    for (int i = 0; i < proxy->count; i++) {
        const struct flow *out = &proxy->pairs[i]->flow[0], *back = &proxy->pairs[i]->flow[1];
        short client = wanted(out, back), server = wanted(back, out);
        /* -1, or poll would return immediately for a side that has hung up */
        polls[FIXED + 2 * i] = (struct pollfd){client ? out->from : -1, client, 0};
        polls[FIXED + 2 * i + 1] = (struct pollfd){server ? back->from : -1, server, 0};
        for (int side = 0; side < 2; side++) {
            const struct flow *flow = &proxy->pairs[i]->flow[side];
            if (flow->first && !flow->blocked && (due == 0 || flow->first->due < due))
                due = flow->first->due;
        }
    }
    return due;
}

static void wait_for(struct pollfd *polls, int count, int64_t due)
{
    int64_t left = due - now();
    if (left < 0)
        left = 0;
    struct timespec within = {left / 1000000000, left % 1000000000};
    if (ppoll(polls, (nfds_t)count, due ? &within : NULL, NULL) < 0 && errno != EINTR)
        fail("poll");
}

static bool stdin_ended(const struct pollfd *poll)
{
    char rest[256];
    return poll->revents && read(STDIN_FILENO, rest, sizeof rest) <= 0;
}

static void serve(struct proxy *proxy)
{
    struct pollfd polls[FIXED + 2 * PAIRS_MAX];
    for (;;) {
        int64_t due = fill_polls(proxy, polls);
        wait_for(polls, FIXED + 2 * proxy->count, due);
        if (stdin_ended(&polls[0]))
            return;
        for (int i = proxy->count - 1; i >= 0; i--) {
            if (pair_forward(proxy->pairs[i], &polls[FIXED + 2 * i], proxy->delay))
                continue;
            pair_close(proxy->pairs[i]);
            proxy->pairs[i] = proxy->pairs[--proxy->count];
        }
        if (polls[1].revents & POLLIN)
            accept_pair(proxy);
    }
}

static void listen_on_loopback(struct proxy *proxy)
{
    struct sockaddr_in address = loopback(0);
    socklen_t size = sizeof address;
    proxy->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (proxy->listener < 0 || bind(proxy->listener, (struct sockaddr *)&address, size) != 0 ||
        listen(proxy->listener, 64) != 0 ||
        getsockname(proxy->listener, (struct sockaddr *)&address, &size) != 0)
        fail("listen");
    printf("127.0.0.1:%d\n", ntohs(address.sin_port));
    fflush(stdout);
}

int main(int argc, char **argv)
{
    if (argc < 2 || argc > 3 || atoi(argv[1]) <= 0) {
        fprintf(stderr, "usage: bench_proxy PORT [MS]\n");
        return 64;
    }
    static struct proxy proxy;
    proxy.port = atoi(argv[1]);
    proxy.delay = (int64_t)((argc == 3 ? atof(argv[2]) : 10) * 1e6);
    prctl(PR_SET_TIMERSLACK, 1); /* otherwise each delay is up to 50 µs longer */
    listen_on_loopback(&proxy);
    serve(&proxy);
    return 0;
}
