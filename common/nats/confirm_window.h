/* confirm_window: the messages that confirm has in flight, and when each is due to be sent again.
 * Used by one thread. */
#ifndef NATSQ_CONFIRM_WINDOW_H
#define NATSQ_CONFIRM_WINDOW_H

#include "base/cleanup.h"
#include "nats/puback.h"

/* The token of a message stays the same when it is sent again, so that a late answer counts too. */
struct confirm_entry {
    natsMsg *message; /* NULL: free */
    void *owner;
    uint64_t round; /* how many times the entry was used; makes the token unique */
    size_t bytes;
    int64_t due;     /* when to send it again */
    int64_t give_up; /* when to stop trying */
    int64_t end;     /* the same once it has been answered; never later than `give_up` */
    int64_t backoff;
    struct puback *last; /* the last answer, reported when it is given up; NULL: none */
};

struct confirm_window {
    struct confirm_entry *entries;
    size_t size;
    size_t *free; /* stack of free entries */
    size_t n_free, bytes;
    int64_t next_due; /* no entry is due before */
};

int confirm_window_open(struct confirm_window *window, size_t size, struct error *error);
void confirm_window_close(struct confirm_window *window);

size_t confirm_window_in_flight(const struct confirm_window *window);

/* The token that the next message will have. An entry must be free. */
uint64_t confirm_window_token(const struct confirm_window *window);

/* Puts `message` into that entry, which owns it from here on. */
struct confirm_entry *confirm_window_put(struct confirm_window *window, natsMsg *message,
                                         void *owner, size_t bytes, int64_t give_up);

/* NULL: the message with that token is settled. */
struct confirm_entry *confirm_window_find(const struct confirm_window *window, uint64_t token);

/* Frees the entry; the caller owns its message and `last` from here on. */
struct confirm_entry confirm_window_take(struct confirm_window *window,
                                         struct confirm_entry *entry);

/* Sets when the message is due, at the latest when it is given up. */
void confirm_window_schedule(struct confirm_window *window, struct confirm_entry *entry,
                             int64_t when);

/* The same with exponential backoff, so as not to burden a server in trouble. */
void confirm_window_back_off(struct confirm_window *window, struct confirm_entry *entry,
                             int64_t now);

#endif
