#include "checkpoint/checkpoint_state.h"

#include <sodium.h>
#include <string.h>

_Static_assert((int)CHECKPOINT_HASH >= (int)crypto_generichash_BYTES_MIN,
               "libsodium makes hashes this short");

struct checkpoint_hash checkpoint_hash_of(uint64_t number, const void *bytes, size_t length)
{
    struct checkpoint_hash hash;
    crypto_generichash_state state;
    crypto_generichash_init(&state, NULL, 0, sizeof hash.bytes);
    crypto_generichash_update(&state, (const void *)&number, sizeof number);
    crypto_generichash_update(&state, bytes, length);
    crypto_generichash_final(&state, hash.bytes, sizeof hash.bytes);
    return hash;
}

void checkpoint_hash_add(struct checkpoint_hash *to, const struct checkpoint_hash *hash)
{
    for (size_t i = 0; i < CHECKPOINT_HASH; i++)
        to->bytes[i] ^= hash->bytes[i];
}

bool checkpoint_hash_equal(const struct checkpoint_hash *a, const struct checkpoint_hash *b)
{
    return memcmp(a->bytes, b->bytes, CHECKPOINT_HASH) == 0;
}

/* The index of the first refused record whose number is not less. */
static size_t lower_bound(const struct checkpoint_state *state, uint64_t number)
{
    size_t low = 0, high = state->n_refused;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (state->refused[middle].number < number)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

const struct checkpoint_refused *checkpoint_state_find(const struct checkpoint_state *state,
                                                       uint64_t number)
{
    size_t i = lower_bound(state, number);
    return i < state->n_refused && state->refused[i].number == number ? &state->refused[i] : NULL;
}

void checkpoint_state_confirm(struct checkpoint_state *state, const struct checkpoint_hash *hash,
                              uint64_t partial)
{
    checkpoint_hash_add(&state->hash, hash);
    state->partial = partial;
    state->position++;
}

bool checkpoint_state_refuse(struct checkpoint_state *state)
{
    if (state->n_refused == CHECKPOINT_REFUSED_MOST)
        return false;
    state->refused[state->n_refused++] =
        (struct checkpoint_refused){state->position++, state->hash};
    state->partial = 0;
    return true;
}

void checkpoint_state_skip(struct checkpoint_state *state)
{
    state->partial = 0;
    state->position++;
}

void checkpoint_state_replace(struct checkpoint_state *state, uint64_t number,
                              const struct checkpoint_hash *old, const struct checkpoint_hash *now,
                              uint64_t partial)
{
    size_t i = lower_bound(state, number);
    if (i < state->n_refused && state->refused[i].number == number) {
        state->n_refused--;
        memmove(&state->refused[i], &state->refused[i + 1],
                (state->n_refused - i) * sizeof state->refused[0]);
    }
    for (; i < state->n_refused; i++) {
        checkpoint_hash_add(&state->refused[i].before, old);
        checkpoint_hash_add(&state->refused[i].before, now);
    }
    checkpoint_hash_add(&state->hash, old);
    checkpoint_hash_add(&state->hash, now);
    if (number + 1 == state->position)
        state->partial = partial;
}
