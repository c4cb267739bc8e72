#include "letters/job_set.h"

#include <stdlib.h>

enum { FIRST_ROOM = 64 };

/* Fibonacci hashing, for `room` slots: sequences that follow each other, or are all multiples of
 * something, spread over the whole table. */
static size_t slot_of(uint64_t seq, size_t room)
{
    return (size_t)(seq * UINT64_C(0x9E3779B97F4A7C15) >> (64 - __builtin_ctzll(room)));
}

/* The job's slot, or the empty one for it. */
static struct job_identity *find(const struct job_set *set, uint64_t seq, int64_t stored_at)
{
    size_t at = slot_of(seq, set->room);
    while (set->slots[at].seq != 0 &&
           (set->slots[at].seq != seq || set->slots[at].stored_at != stored_at))
        at = (at + 1) & (set->room - 1);
    return &set->slots[at];
}

/* At most half of the slots are taken. */
static bool make_room(struct job_set *set)
{
    if (2 * set->n < set->room)
        return true;
    struct job_set grown = {.n = set->n, .room = set->room ? 2 * set->room : FIRST_ROOM};
    grown.slots = calloc(grown.room, sizeof *grown.slots);
    if (!grown.slots)
        return false;
    for (size_t i = 0; i < set->room; i++)
        if (set->slots[i].seq != 0)
            *find(&grown, set->slots[i].seq, set->slots[i].stored_at) = set->slots[i];
    job_set_release(set);
    *set = grown;
    return true;
}

int job_set_add(struct job_set *set, uint64_t seq, int64_t stored_at)
{
    if (!make_room(set))
        return -1;
    struct job_identity *slot = find(set, seq, stored_at);
    if (slot->seq != 0)
        return 1;
    *slot = (struct job_identity){seq, stored_at};
    set->n++;
    return 0;
}

bool job_set_has(const struct job_set *set, uint64_t seq, int64_t stored_at)
{
    return set->n > 0 && find(set, seq, stored_at)->seq != 0;
}

void job_set_release(struct job_set *set)
{
    free(set->slots);
    *set = (struct job_set){0};
}
