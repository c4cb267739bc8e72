/* bench_latency URL SUBJECT RATE COUNT: publishes COUNT jobs, RATE a second, with the time of
 * sending as the body, and reads from stdin the lines "received <body> …" that a consumer logs as
 * it handles them. Prints the time from publishing to the arrival of that line, p50 and p99 in µs,
 * as JSON. The first tenth is warm-up and is left out. */
#include <inttypes.h>
#include <nats/nats.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct publishing {
    natsConnection *connection;
    const char *subject;
    long rate, count;
};

static int64_t now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void sleep_until(int64_t ns)
{
    struct timespec t = {ns / 1000000000, ns % 1000000000};
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL) != 0)
        ;
}

static void *publish(void *closure)
{
    const struct publishing *run = closure;
    char body[32];
    int64_t start = now();
    for (long i = 0; i < run->count; i++) {
        sleep_until(start + i * 1000000000 / run->rate);
        snprintf(body, sizeof body, "%016" PRId64, now());
        if (natsConnection_PublishString(run->connection, run->subject, body) != NATS_OK ||
            natsConnection_FlushTimeout(run->connection, 1000) != NATS_OK)
            abort();
    }
    return NULL;
}

static int compare(const void *a, const void *b)
{
    const int64_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

static long collect(int64_t *times, long count)
{
    static const char mark[] = "received ";
    char line[4096];
    long n = 0;
    while (n < count && fgets(line, sizeof line, stdin)) {
        const char *at = strstr(line, mark);
        if (at)
            times[n++] = now() - strtoll(at + sizeof mark - 1, NULL, 10);
    }
    return n;
}

static void report(int64_t *times, long n)
{
    long warm = n / 10;
    times += warm;
    n -= warm;
    qsort(times, (size_t)n, sizeof *times, compare);
    printf("{\"p50\": %.1f, \"p99\": %.1f}\n", (double)times[n / 2] / 1e3,
           (double)times[n * 99 / 100] / 1e3);
}

int main(int argc, char **argv)
{
    if (argc != 5)
        return 64;
    struct publishing run = {.subject = argv[2], .rate = atol(argv[3]), .count = atol(argv[4])};
    int64_t *times = calloc((size_t)run.count, sizeof *times);
    pthread_t publisher;
    if (!times || natsConnection_ConnectTo(&run.connection, argv[1]) != NATS_OK ||
        pthread_create(&publisher, NULL, publish, &run) != 0)
        return 1;
    long n = collect(times, run.count);
    pthread_join(publisher, NULL);
    natsConnection_Destroy(run.connection);
    if (n == run.count)
        report(times, n);
    free(times);
    return n == run.count ? 0 : 1;
}
