/* letter_batch: takes dead jobs out of the origin, a batch at a time: fetch the jobs → publish
 * their letters → confirmed → retire. Who is dead is for collect and sweep to say. Used by one
 * thread.
 *
 *     letter_batch_fetch, letter_batch_add for each that is dead, letter_batch_make,
 * letter_batch_clear */
#ifndef NATSQ_LETTER_BATCH_H
#define NATSQ_LETTER_BATCH_H

#include "letter/letter_store.h"
#include "letters/batch_size.h"
#include "letters/originals.h"

struct dlq;

struct dead {
    bool is_dead;          /* else it is passed over */
    bool has_letter;       /* by value, for long: it is only retired */
    struct letter letter;  /* its texts are the job's and the caller's */
    struct puback outcome; /* of its letter, or of what takes it elsewhere */
    enum retire_outcome retired;
};

/* Its fields are for reading, and those of `dead` for whoever judges. */
struct letter_batch {
    struct dlq *dlq;
    struct requester *requester;
    struct letter_store *letters;
    struct stored_message originals[BATCH_MAX];
    struct dead dead[BATCH_MAX];
    size_t n;
};

int letter_batch_open(struct letter_batch **opened, struct dlq *dlq, struct error *error);
void letter_batch_close(struct letter_batch *batch);

/* Begins a batch: reads the jobs from the origin's leader; sequence 0 asks for none. */
int letter_batch_fetch(struct letter_batch *batch, const uint64_t *seqs, size_t n,
                       struct error *error);

/* The ith is dead: of `death` count consumer, deliveries, reason and time, the job tells the rest.
 */
void letter_batch_add(struct letter_batch *batch, size_t i, const struct letter *death);

/* Letters, then letter_batch_retire. What failed is told by the outcomes; -1 when a stage failed.
 */
int letter_batch_make(struct letter_batch *batch, struct error *error);

/* Removes from the origin those that are safe elsewhere. */
int letter_batch_retire(struct letter_batch *batch, struct error *error);

/* Whether it may go: confirmed elsewhere, and with its body. */
bool dead_is_safe(const struct dead *dead);

/* Ends the batch. */
void letter_batch_clear(struct letter_batch *batch);

CLEANUP_DEFINE(struct letter_batch *, cleanup_letter_batch, letter_batch_close)

#endif
