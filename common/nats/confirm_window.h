/* confirm_window: the messages that confirm has in flight, each in a place of its own, and when
 * each is due again. Used by one thread. */
#ifndef NATSQ_CONFIRM_WINDOW_H
#define NATSQ_CONFIRM_WINDOW_H

#include "base/cleanup.h"
#include "nats/puback.h"

/* It keeps its token until its message is settled, so that a late answer to an earlier sending
 * counts too. */
struct confirm_entry {
    natsMsg *message; /* NULL: free */
    void *owner;
    uint64_t round; /* how often the place was used; makes the token unique */
    size_t bytes;
    int64_t due;     /* when to send it again */
    int64_t give_up; /* when to stop trying */
    int64_t end;     /* the same once it has been answered; not later */
    int64_t backoff;
    struct puback *last; /* the last answer, should it be given up; NULL: none */
};

struct confirm_window {
    struct confirm_entry *entries;
    size_t size;
    size_t *free; /* stack of free places */
    size_t n_free, bytes;
    int64_t next_due; /* no place is due before */
};

int confirm_window_open(struct confirm_window *window, size_t size, struct error *error);
void confirm_window_close(struct confirm_window *window);

size_t confirm_window_in_flight(const struct confirm_window *window);

/* The token of the next place to be used. One must be free. */
uint64_t confirm_window_token(const struct confirm_window *window);

/* Uses that place for `message`, which it owns from here on. */
struct confirm_entry *confirm_window_put(struct confirm_window *window, natsMsg *message,
                                         void *owner, size_t bytes, int64_t give_up);

/* NULL: the message of that token is settled. */
struct confirm_entry *confirm_window_find(const struct confirm_window *window, uint64_t token);

/* Frees the place; the caller owns its message and `last` from here on. */
struct confirm_entry confirm_window_take(struct confirm_window *window,
                                         struct confirm_entry *entry);

/* Sets when the message is due again, at the latest when it is to be given up. */
void confirm_window_schedule(struct confirm_window *window, struct confirm_entry *entry,
                             int64_t when);

/* The same after a pause that is longer each time, so that a server in trouble is not made busier.
 */
void confirm_window_back_off(struct confirm_window *window, struct confirm_entry *entry,
                             int64_t now);

#endif
