#include "handler/output_queue.h"

#include "base/buffer.h"
#include "base/clock.h"
#include "base/duration.h"
#include "base/stop.h"
#include "base/thread.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <time.h>

/* What may wait for a slow reader; a handler whose output does not fit waits as well. */
enum { QUEUE_BYTES = 1 << 20 };

static const int64_t close_wait = DURATION_S;

struct output_queue {
    pthread_t thread;
    pthread_mutex_t lock; /* protects everything below */
    pthread_cond_t changed;
    struct buffer waiting;   /* not yet taken by the writer */
    uint64_t added, written; /* bytes */
    bool closing, has_ended, is_broken;
};

/* Like a write of the handler itself that fails: no other job can succeed. */
static void report_failure(int failure)
{
    struct error error;
    error_set(&error, EX_IOERR, "standard output cannot be written: %s", strerror(failure));
    stop_because(&error);
}

/* Takes everything that waits. Called with the lock held. */
static struct buffer take_waiting(struct output_queue *queue)
{
    struct buffer taken = queue->waiting;
    queue->waiting = (struct buffer){0};
    return taken;
}

/* Another program may have made stdout nonblocking: the open file is shared. */
static bool write_out(const struct buffer *bytes)
{
    struct pollfd writable = {.fd = STDOUT_FILENO, .events = POLLOUT};
    for (size_t done = 0; done < bytes->length;) {
        ssize_t n = write(STDOUT_FILENO, bytes->bytes + done, bytes->length - done);
        if (n < 0 && errno == EAGAIN)
            (void)poll(&writable, 1, -1);
        else if (n < 0 && errno != EINTR)
            return false;
        done += n > 0 ? (size_t)n : 0;
    }
    return true;
}

static void write_waiting(struct output_queue *queue)
{
    struct buffer bytes = take_waiting(queue);
    pthread_mutex_unlock(&queue->lock);
    bool is_written = write_out(&bytes);
    if (!is_written)
        report_failure(errno);
    pthread_mutex_lock(&queue->lock);
    queue->written += bytes.length;
    queue->is_broken = queue->is_broken || !is_written;
    pthread_cond_broadcast(&queue->changed);
    buffer_release(&bytes);
}

static void *write_lines(void *closure)
{
    struct output_queue *queue = closure;
    pthread_mutex_lock(&queue->lock);
    while (!queue->closing || queue->waiting.length > 0) {
        if (queue->waiting.length > 0)
            write_waiting(queue);
        else
            pthread_cond_wait(&queue->changed, &queue->lock);
    }
    queue->has_ended = true;
    pthread_cond_broadcast(&queue->changed);
    pthread_mutex_unlock(&queue->lock);
    return NULL;
}

int output_queue_open(struct output_queue **opened, struct error *error)
{
    struct output_queue *queue = calloc(1, sizeof *queue);
    if (!queue)
        return error_set(error, EX_OSERR, "out of memory");
    pthread_mutex_init(&queue->lock, NULL);
    pthread_cond_init(&queue->changed, NULL);
    if (thread_start(&queue->thread, write_lines, queue, error) < 0) {
        free(queue);
        return -1;
    }
    *opened = queue;
    return 0;
}

/* Called with the lock held. False: it is later than `until`. */
static bool wait_for_change(struct output_queue *queue, int64_t until)
{
    const struct timespec at = {.tv_sec = until / DURATION_S, .tv_nsec = until % DURATION_S};
    return pthread_cond_clockwait(&queue->changed, &queue->lock, CLOCK_MONOTONIC, &at) == 0;
}

/* A writer that a reader who reads no more still blocks keeps the queue: the program ends. */
void output_queue_close(struct output_queue *queue)
{
    if (!queue)
        return;
    int64_t until = clock_now() + close_wait;
    pthread_mutex_lock(&queue->lock);
    queue->closing = true;
    pthread_cond_broadcast(&queue->changed);
    while (!queue->has_ended && wait_for_change(queue, until))
        ;
    bool has_ended = queue->has_ended;
    pthread_mutex_unlock(&queue->lock);
    if (!has_ended) {
        pthread_detach(queue->thread);
        return;
    }
    pthread_join(queue->thread, NULL);
    buffer_release(&queue->waiting);
    pthread_mutex_destroy(&queue->lock);
    pthread_cond_destroy(&queue->changed);
    free(queue);
}

/* Called with the lock held. A line that is longer than the queue has room once all else is
 * written. */
static bool has_room(const struct output_queue *queue, size_t length)
{
    uint64_t unwritten = queue->added - queue->written;
    return unwritten == 0 || unwritten + length <= QUEUE_BYTES;
}

bool output_queue_add(struct output_queue *queue, const void *line, size_t length)
{
    pthread_mutex_lock(&queue->lock);
    bool is_added = !queue->is_broken && has_room(queue, length);
    if (is_added)
        buffer_add(&queue->waiting, line, length);
    is_added = is_added && !queue->waiting.failed;
    queue->waiting.failed = false;
    if (is_added) {
        queue->added += length;
        pthread_cond_broadcast(&queue->changed);
    }
    pthread_mutex_unlock(&queue->lock);
    return is_added;
}

uint64_t output_queue_end(struct output_queue *queue)
{
    pthread_mutex_lock(&queue->lock);
    uint64_t end = queue->added;
    pthread_mutex_unlock(&queue->lock);
    return end;
}

bool output_queue_wait_for_room(struct output_queue *queue, size_t length, int64_t until)
{
    bool has_changed = true;
    pthread_mutex_lock(&queue->lock);
    while (!queue->is_broken && !has_room(queue, length) && has_changed)
        has_changed = wait_for_change(queue, until);
    bool is_done = !queue->is_broken && has_room(queue, length);
    pthread_mutex_unlock(&queue->lock);
    return is_done;
}

bool output_queue_wait_until_written(struct output_queue *queue, uint64_t end, int64_t until)
{
    bool has_changed = true;
    pthread_mutex_lock(&queue->lock);
    while (!queue->is_broken && queue->written < end && has_changed)
        has_changed = wait_for_change(queue, until);
    bool is_done = !queue->is_broken && queue->written >= end;
    pthread_mutex_unlock(&queue->lock);
    return is_done;
}

bool output_queue_is_broken(struct output_queue *queue)
{
    pthread_mutex_lock(&queue->lock);
    bool is_broken = queue->is_broken;
    pthread_mutex_unlock(&queue->lock);
    return is_broken;
}
