#include "nats/inbox.h"

#include "base/array.h"
#include "base/clock.h"
#include "base/decimal.h"
#include "base/duration.h"
#include "base/stop.h"
#include "nats/denials.h"
#include "nats/nats_error.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>

static const int64_t denial_poll = 100 * DURATION_MS; /* a denial does not end a wait */

/* Messages; the reader takes the whole list at once. */
struct list {
    natsMsg **item;
    size_t n, room;
};

struct inbox {
    atomic_bool has_arrived; /* `arrived` is not empty */
    natsSubscription *sub;
    struct connection *connection;
    unsigned denials; /* the connection's count when the reader last looked */
    struct event_loop *loop;
    char prefix[INBOX_REPLY_MAX - 24]; /* ends with a dot */
    size_t prefix_length;
    pthread_mutex_t lock; /* protects `arrived` */
    struct list arrived;
    struct list taken; /* the reader's */
    size_t next;       /* in `taken` */
    sem_t ended;       /* posted after the last callback */
    int arrival;       /* eventfd: written when `arrived` stops being empty */
};

static bool list_add(struct list *list, natsMsg *message)
{
    natsMsg **grown = array_grow(list->item, list->n, &list->room, sizeof *grown);
    if (!grown)
        return false;
    list->item = grown;
    list->item[list->n++] = message;
    return true;
}

static void list_clear(struct list *list, size_t from)
{
    for (size_t i = from; i < list->n; i++)
        natsMsg_Destroy(list->item[i]);
    free(list->item);
}

static void on_message(natsConnection *nats, natsSubscription *sub, natsMsg *message, void *closure)
{
    (void)nats;
    (void)sub;
    struct inbox *inbox = closure;
    pthread_mutex_lock(&inbox->lock);
    bool was_empty = inbox->arrived.n == 0;
    bool added = list_add(&inbox->arrived, message);
    atomic_store_explicit(&inbox->has_arrived, inbox->arrived.n > 0, memory_order_release);
    pthread_mutex_unlock(&inbox->lock);
    if (!added)
        natsMsg_Destroy(message); /* out of memory: as if the answer had been lost */
    else if (was_empty)
        (void)!write(inbox->arrival, &(uint64_t){1}, sizeof(uint64_t));
}

static void on_ended(void *closure)
{
    struct inbox *inbox = closure;
    sem_post(&inbox->ended);
}

const char *inbox_subject(const struct inbox *inbox, char subject[INBOX_REPLY_MAX])
{
    snprintf(subject, INBOX_REPLY_MAX, "%s*", inbox->prefix);
    return subject;
}

static int subscribe(struct inbox *inbox, struct connection *connection, struct error *error)
{
    natsInbox *name = NULL;
    natsStatus s = natsInbox_Create(&name);
    if (s == NATS_OK) {
        snprintf(inbox->prefix, sizeof inbox->prefix, "%s.", name);
        inbox->prefix_length = strlen(inbox->prefix);
        char all[INBOX_REPLY_MAX];
        natsInbox_Destroy(name);
        s = natsConnection_Subscribe(&inbox->sub, connection_nats(connection),
                                     inbox_subject(inbox, all), on_message, inbox);
    }
    if (s == NATS_OK)
        s = natsSubscription_SetOnCompleteCB(inbox->sub, on_ended, inbox);
    if (s == NATS_OK) /* the number of requests in flight limits it */
        s = natsSubscription_SetPendingLimits(inbox->sub, -1, -1);
    return s == NATS_OK ? 0 : error_nats(error, s, "cannot subscribe to an inbox");
}

int inbox_open(struct inbox **opened, struct connection *connection, struct error *error)
{
    _cleanup_(cleanup_inbox) struct inbox *inbox = calloc(1, sizeof *inbox);
    if (!inbox)
        return error_set(error, EX_OSERR, "out of memory");
    inbox->connection = connection;
    inbox->denials = connection_denials(connection);
    inbox->loop = connection_loop(connection);
    pthread_mutex_init(&inbox->lock, NULL);
    sem_init(&inbox->ended, 0, 0);
    inbox->arrival = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (inbox->arrival < 0)
        return error_set(error, EX_OSERR, "cannot create an eventfd: %s", strerror(errno));
    if (subscribe(inbox, connection, error) < 0)
        return -1;
    *opened = take(inbox);
    return 0;
}

/* Unsubscribing does not wait for a running callback, hence `ended`. Draining does, but its thread
 * may hold the subscription until after nats.c has closed, which leaks it. */
static void end_subscription(struct inbox *inbox)
{
    enum { END_S = 2 };
    struct timespec end;
    if (!inbox->sub)
        return;
    natsSubscription_Unsubscribe(inbox->sub);
    clock_gettime(CLOCK_MONOTONIC, &end);
    end.tv_sec += END_S;
    while (sem_clockwait(&inbox->ended, CLOCK_MONOTONIC, &end) < 0 && errno == EINTR)
        ;
    natsSubscription_Destroy(inbox->sub);
}

void inbox_close(struct inbox *inbox)
{
    if (!inbox)
        return;
    end_subscription(inbox);
    list_clear(&inbox->arrived, 0);
    list_clear(&inbox->taken, inbox->next);
    if (inbox->arrival >= 0)
        close(inbox->arrival);
    sem_destroy(&inbox->ended);
    pthread_mutex_destroy(&inbox->lock);
    free(inbox);
}

const char *inbox_reply(const struct inbox *inbox, uint64_t token, char reply[INBOX_REPLY_MAX])
{
    decimal_write(mempcpy(reply, inbox->prefix, inbox->prefix_length), token);
    return reply;
}

/* Swaps the lists, since `taken` is used up. True if it has messages now. */
static bool refill(struct inbox *inbox)
{
    pthread_mutex_lock(&inbox->lock);
    struct list empty = inbox->taken;
    empty.n = 0;
    inbox->taken = inbox->arrived;
    inbox->arrived = empty;
    atomic_store_explicit(&inbox->has_arrived, false, memory_order_release);
    pthread_mutex_unlock(&inbox->lock);
    inbox->next = 0;
    return inbox->taken.n > 0;
}

int inbox_check_permission(const struct inbox *inbox, struct error *error)
{
    char all[INBOX_REPLY_MAX];
    return connection_denies(inbox->connection, inbox_subject(inbox, all))
               ? denials_error(error, "subscribe", all)
               : 0;
}

/* Whether the count has changed since the last call. */
static bool has_new_denials(struct inbox *inbox)
{
    unsigned denials = connection_denials(inbox->connection);
    bool is_new = denials != inbox->denials;
    inbox->denials = denials;
    return is_new;
}

/* Waits up to `ns` until a message arrives or one of the descriptors (-1: none) is readable.
 * Messages are in `arrived` before the eventfd is written, so reading it loses none. */
static void poll_arrival(struct inbox *inbox, int stop, int fd, int64_t ns)
{
    uint64_t count;
    struct pollfd on[] = {{.fd = inbox->arrival, .events = POLLIN},
                          {.fd = stop, .events = POLLIN},
                          {.fd = fd, .events = POLLIN}};
    event_loop_let_helper_read(inbox->loop);
    ppoll(on, sizeof on / sizeof on[0], &(struct timespec){ns / DURATION_S, ns % DURATION_S}, NULL);
    (void)!read(inbox->arrival, &count, sizeof count);
}

/* Returns as inbox_take does. */
static int wait_for_arrival(struct inbox *inbox, int64_t ns)
{
    bool watch_stop = !stop_requested();
    int64_t end = clock_now() + (ns < DURATION_HOUR ? ns : DURATION_HOUR);
    while (!refill(inbox)) {
        int64_t left = end - clock_now();
        if (has_new_denials(inbox))
            return 3;
        if (left <= 0)
            return 1;
        poll_arrival(inbox, watch_stop ? stop_descriptor() : -1, -1,
                     left < denial_poll ? left : denial_poll);
        if (watch_stop && stop_requested())
            return refill(inbox) ? 0 : 2;
    }
    return 0;
}

int inbox_take(struct inbox *inbox, int64_t ns, natsMsg **answer, uint64_t *token)
{
    if (inbox->next == inbox->taken.n) {
        int waited = wait_for_arrival(inbox, ns);
        if (waited != 0)
            return waited;
    }
    *answer = inbox->taken.item[inbox->next++];
    *token = strtoull(natsMsg_GetSubject(*answer) + inbox->prefix_length, NULL, 10);
    return 0;
}

bool inbox_has_answer(const struct inbox *inbox)
{
    return inbox->next < inbox->taken.n ||
           atomic_load_explicit(&inbox->has_arrived, memory_order_acquire);
}

void inbox_wait(struct inbox *inbox, int fd, int64_t ns)
{
    if (!inbox_has_answer(inbox) && ns > 0)
        poll_arrival(inbox, stop_descriptor(), fd, ns < DURATION_HOUR ? ns : DURATION_HOUR);
}
