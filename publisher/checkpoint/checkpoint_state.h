/* checkpoint_state: what a checkpoint knows about the input before its position: which records were
 * confirmed, as a hash, and which were refused for good. Pure. */
#ifndef NATSQ_CHECKPOINT_STATE_H
#define NATSQ_CHECKPOINT_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* At most this many refused records are remembered; the next one blocks the position. */
enum { CHECKPOINT_HASH = 16, CHECKPOINT_REFUSED_MOST = 1000 };

/* Of a set of records: the XOR of their hashes, each of which includes the record's number. So
 * records can be added and removed in any order. All zero: the empty set. */
struct checkpoint_hash {
    unsigned char bytes[CHECKPOINT_HASH];
};

/* A record that was refused for good; it may have been corrected since. */
struct checkpoint_refused {
    uint64_t number;
    struct checkpoint_hash before; /* of the confirmed records before it */
};

struct checkpoint_state {
    char *prefix; /* prefix of the message ids; the owner frees it */
    uint64_t position;
    struct checkpoint_hash hash; /* of the confirmed records before the position */
    uint64_t partial; /* length of the last confirmed record if it had no delimiter, else 0 */
    struct checkpoint_refused refused[CHECKPOINT_REFUSED_MOST]; /* in ascending order */
    size_t n_refused;
};

struct checkpoint_hash checkpoint_hash_of(uint64_t number, const void *bytes, size_t length);
void checkpoint_hash_add(struct checkpoint_hash *to, const struct checkpoint_hash *hash);
bool checkpoint_hash_equal(const struct checkpoint_hash *a, const struct checkpoint_hash *b);

/* The refused record of that number, or NULL. */
const struct checkpoint_refused *checkpoint_state_find(const struct checkpoint_state *state,
                                                       uint64_t number);

/* Each moves the position past the record there, which was confirmed, or refused for good, or
 * skipped by the source. False: too many were refused, and the position stays. */
void checkpoint_state_confirm(struct checkpoint_state *state, const struct checkpoint_hash *hash,
                              uint64_t partial);
bool checkpoint_state_refuse(struct checkpoint_state *state);
void checkpoint_state_skip(struct checkpoint_state *state);

/* A record before the position is now confirmed with the hash `now`. Before, it was refused (`old`
 * is all zero), or confirmed with the hash `old` and has grown. */
void checkpoint_state_replace(struct checkpoint_state *state, uint64_t number,
                              const struct checkpoint_hash *old, const struct checkpoint_hash *now,
                              uint64_t partial);

#endif
