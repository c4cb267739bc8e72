#include "nats/confirm_window.h"

#include "base/duration.h"

#include <stdlib.h>

static const int64_t backoff_first = 50 * DURATION_MS;
static const int64_t backoff_most = 2 * DURATION_S;

int confirm_window_open(struct confirm_window *window, size_t size, struct error *error)
{
    *window = (struct confirm_window){.size = size, .next_due = INT64_MAX};
    window->entries = calloc(size, sizeof *window->entries);
    window->free = calloc(size, sizeof *window->free);
    if (!window->entries || !window->free)
        return error_set(error, EX_OSERR, "out of memory");
    for (size_t i = size; i > 0; i--)
        window->free[window->n_free++] = i - 1;
    return 0;
}

void confirm_window_close(struct confirm_window *window)
{
    for (size_t i = 0; window->entries && i < window->size; i++) {
        natsMsg_Destroy(window->entries[i].message);
        free(window->entries[i].last);
    }
    free(window->entries);
    free(window->free);
}

size_t confirm_window_in_flight(const struct confirm_window *window)
{
    return window->size - window->n_free;
}

uint64_t confirm_window_token(const struct confirm_window *window)
{
    size_t i = window->free[window->n_free - 1];
    return window->entries[i].round * window->size + i;
}

struct confirm_entry *confirm_window_put(struct confirm_window *window, natsMsg *message,
                                         void *owner, size_t bytes, int64_t give_up)
{
    struct confirm_entry *entry = &window->entries[window->free[--window->n_free]];
    *entry = (struct confirm_entry){
        .message = message,
        .owner = owner,
        .round = entry->round,
        .bytes = bytes,
        .give_up = give_up,
    };
    window->bytes += bytes;
    return entry;
}

struct confirm_entry *confirm_window_find(const struct confirm_window *window, uint64_t token)
{
    struct confirm_entry *entry = &window->entries[token % window->size];
    return entry->message && entry->round == token / window->size ? entry : NULL;
}

struct confirm_entry confirm_window_take(struct confirm_window *window, struct confirm_entry *entry)
{
    struct confirm_entry taken = *entry;
    entry->message = NULL;
    entry->last = NULL;
    entry->round++;
    window->bytes -= taken.bytes;
    window->free[window->n_free++] = (size_t)(entry - window->entries);
    return taken;
}

void confirm_window_schedule(struct confirm_window *window, struct confirm_entry *entry,
                             int64_t when)
{
    entry->due = when < entry->give_up ? when : entry->give_up;
    if (entry->due < window->next_due)
        window->next_due = entry->due;
}

void confirm_window_back_off(struct confirm_window *window, struct confirm_entry *entry,
                             int64_t now)
{
    entry->backoff = entry->backoff ? 2 * entry->backoff : backoff_first;
    if (entry->backoff > backoff_most)
        entry->backoff = backoff_most;
    confirm_window_schedule(window, entry, now + entry->backoff);
}
