#include "base/stop.h"

#include "base/clock.h"
#include "base/coverage.h"
#include "base/duration.h"
#include "base/thread.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>

/* Longer than timeout(1) takes between its two signals, shorter than a person. */
static const int64_t echo = 100 * DURATION_MS;

static atomic_bool requested, ignores_interrupts;
static int descriptor = -1;
static pthread_mutex_t cause_lock = PTHREAD_MUTEX_INITIALIZER; /* protects `cause` */
static struct error cause;                                     /* exit_code 0: none */

static void stop_signals(sigset_t *set)
{
    sigemptyset(set);
    sigaddset(set, SIGINT);
    sigaddset(set, SIGTERM);
}

static void *receive_signals(void *unused)
{
    (void)unused;
    sigset_t set;
    int first = 0;
    int64_t first_at = 0;
    stop_signals(&set);
    for (;;) {
        int number;
        if (sigwait(&set, &number) != 0)
            continue;
        if (number == SIGINT && atomic_load(&ignores_interrupts))
            continue;
        int64_t now = clock_now();
        if (first == 0) {
            first = number;
            first_at = now;
            stop_request();
        } else if (number != first || now - first_at >= echo) {
            coverage_dump();
            quick_exit(128 + number);
        }
    }
    return NULL;
}

int stop_install(struct error *error)
{
    sigset_t set;
    stop_signals(&set);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    descriptor = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (descriptor < 0)
        return error_set(error, EX_OSERR, "cannot create an eventfd: %s", strerror(errno));
    pthread_t thread;
    if (thread_start(&thread, receive_signals, NULL, error) < 0)
        return -1;
    pthread_detach(thread);
    return 0;
}

bool stop_requested(void)
{
    return atomic_load_explicit(&requested, memory_order_relaxed);
}

void stop_request(void)
{
    atomic_store(&requested, true);
    eventfd_write(descriptor, 1); /* fails only if the counter is full, which is readable too */
}

void stop_ignore_interrupts(bool ignore)
{
    atomic_store(&ignores_interrupts, ignore);
}

void stop_because(const struct error *error)
{
    pthread_mutex_lock(&cause_lock);
    if (cause.exit_code == 0)
        cause = *error;
    pthread_mutex_unlock(&cause_lock);
    stop_request();
}

int stop_cause(struct error *error)
{
    pthread_mutex_lock(&cause_lock);
    bool is_set = cause.exit_code != 0;
    if (is_set)
        *error = cause;
    pthread_mutex_unlock(&cause_lock);
    return is_set ? -1 : 0;
}

bool stop_wait(int64_t ns)
{
    return stop_wait_or(-1, ns);
}

bool stop_wait_or(int fd, int64_t ns)
{
    int64_t end = ns < 0 ? INT64_MAX : clock_now() + ns;
    while (!stop_requested()) {
        int64_t left = ns < 0 ? -1 : (end - clock_now() + DURATION_MS - 1) / DURATION_MS;
        if (ns >= 0 && left <= 0)
            break;
        struct pollfd on[] = {{.fd = descriptor, .events = POLLIN}, {.fd = fd, .events = POLLIN}};
        poll(on, 2, left > INT32_MAX ? INT32_MAX : (int)left);
        if (on[1].revents)
            return true;
    }
    return stop_requested();
}

int stop_descriptor(void)
{
    return descriptor;
}
