#include "nats/confirm_window.h"

#include "base/duration.h"

#include <stdlib.h>

static const int64_t backoff_first = 50 * DURATION_MS;
static const int64_t backoff_most = 2 * DURATION_S;

int confirm_window_open(struct confirm_window *window, size_t size, struct error *error)
{
    *window = (struct confirm_window){.size = size, .next_due = INT64_MAX};
    window->places = calloc(size, sizeof *window->places);
    window->free = calloc(size, sizeof *window->free);
    if (!window->places || !window->free)
        return error_set(error, EX_OSERR, "out of memory");
    for (size_t i = size; i > 0; i--)
        window->free[window->n_free++] = i - 1;
    return 0;
}

void confirm_window_close(struct confirm_window *window)
{
    for (size_t i = 0; window->places && i < window->size; i++) {
        natsMsg_Destroy(window->places[i].message);
        free(window->places[i].last);
    }
    free(window->places);
    free(window->free);
}

size_t confirm_window_in_flight(const struct confirm_window *window)
{
    return window->size - window->n_free;
}

uint64_t confirm_window_token(const struct confirm_window *window)
{
    size_t i = window->free[window->n_free - 1];
    return window->places[i].round * window->size + i;
}

struct confirm_place *confirm_window_put(struct confirm_window *window, natsMsg *message,
                                         void *owner, size_t bytes, int64_t give_up)
{
    struct confirm_place *place = &window->places[window->free[--window->n_free]];
    *place = (struct confirm_place){
        .message = message,
        .owner = owner,
        .round = place->round,
        .bytes = bytes,
        .give_up = give_up,
    };
    window->bytes += bytes;
    return place;
}

struct confirm_place *confirm_window_find(const struct confirm_window *window, uint64_t token)
{
    struct confirm_place *place = &window->places[token % window->size];
    return place->message && place->round == token / window->size ? place : NULL;
}

struct confirm_place confirm_window_take(struct confirm_window *window, struct confirm_place *place)
{
    struct confirm_place taken = *place;
    place->message = NULL;
    place->last = NULL;
    place->round++;
    window->bytes -= taken.bytes;
    window->free[window->n_free++] = (size_t)(place - window->places);
    return taken;
}

void confirm_window_schedule(struct confirm_window *window, struct confirm_place *place,
                             int64_t when)
{
    place->due = when < place->give_up ? when : place->give_up;
    if (place->due < window->next_due)
        window->next_due = place->due;
}

void confirm_window_back_off(struct confirm_window *window, struct confirm_place *place,
                             int64_t now)
{
    place->backoff = place->backoff ? 2 * place->backoff : backoff_first;
    if (place->backoff > backoff_most)
        place->backoff = backoff_most;
    confirm_window_schedule(window, place, now + place->backoff);
}
