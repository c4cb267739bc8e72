/* lettering: takes dead jobs out of the origin, a batch at a time: fetch the jobs → publish their
 * letters → confirmed → retire. Who is dead is for collect and sweep to say. Used by one thread.
 *
 *     lettering_fetch, lettering_add for each that is dead, lettering_make, lettering_clear */
#ifndef NATSQ_LETTERING_H
#define NATSQ_LETTERING_H

#include "letter/letter_store.h"
#include "letter/retire.h"
#include "letters/batch_size.h"
#include "queue/stored_messages.h"
#include "verb.h"

struct dead {
    bool is_dead;          /* else it is passed over */
    bool has_letter;       /* by value, for long: it is only retired */
    struct letter letter;  /* its texts are the job's and the caller's */
    struct puback outcome; /* of its letter, or of what takes it elsewhere */
    enum retire_outcome retired;
};

/* Its fields are for reading, and those of `dead` for whoever judges. */
struct lettering {
    struct dlq *dlq;
    struct exchange *exchange;
    struct letter_store *letters;
    struct stored originals[PORTION_MAX];
    struct dead dead[PORTION_MAX];
    struct retirement retirements[PORTION_MAX];
    size_t n;
};

int lettering_open(struct lettering **opened, struct dlq *dlq, struct error *error);
void lettering_close(struct lettering *lettering);

/* Begins a batch: reads the jobs from the origin's leader; sequence 0 asks for none. */
int lettering_fetch(struct lettering *lettering, const uint64_t *seqs, size_t n,
                    struct error *error);

/* The ith is dead: of `death` count consumer, deliveries, reason and time, the job tells the rest.
 */
void lettering_add(struct lettering *lettering, size_t i, const struct letter *death);

/* Letters, then lettering_retire. What failed is told by the outcomes; -1 when a stage failed. */
int lettering_make(struct lettering *lettering, struct error *error);

/* Removes from the origin those that are safe elsewhere. */
int lettering_retire(struct lettering *lettering, struct error *error);

/* Whether it may go: confirmed elsewhere, and with its body. */
bool dead_is_safe(const struct dead *dead);

/* Ends the batch. */
void lettering_clear(struct lettering *lettering);

CLEANUP_DEFINE(struct lettering *, cleanup_lettering, lettering_close)

#endif
