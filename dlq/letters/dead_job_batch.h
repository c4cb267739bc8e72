/* letter_batch: takes dead jobs out of the origin, a batch at a time: fetch the jobs → publish
 * their letters → confirmed → retire. Who is dead is for collect and sweep to say. Used by one
 * thread.
 *
 *     dead_job_batch_fetch, dead_job_batch_mark for each that is dead, dead_job_batch_move,
 * dead_job_batch_clear */
#ifndef NATSQ_DEAD_JOB_BATCH_H
#define NATSQ_DEAD_JOB_BATCH_H

#include "letter/letter_store.h"
#include "letters/batch_size.h"
#include "letters/originals.h"

struct dlq;

struct dead_job {
    bool is_dead;          /* else it is passed over */
    bool has_letter;       /* by value, for long: it is only retired */
    struct letter letter;  /* its texts are the job's and the caller's */
    struct puback outcome; /* of its letter, or of what takes it elsewhere */
    enum retire_outcome retired;
};

/* Its fields are for reading, and those of `dead` for whoever judges. */
struct dead_job_batch {
    struct dlq *dlq;
    struct requester *requester;
    struct letter_store *letters;
    struct stored_message originals[BATCH_MAX];
    struct dead_job jobs[BATCH_MAX];
    size_t n;
};

int dead_job_batch_open(struct dead_job_batch **opened, struct dlq *dlq, struct error *error);
void dead_job_batch_close(struct dead_job_batch *batch);

/* Begins a batch: reads the jobs from the origin's leader; sequence 0 asks for none. */
int dead_job_batch_fetch(struct dead_job_batch *batch, const uint64_t *seqs, size_t n,
                         struct error *error);

/* The ith is dead: of `death` count consumer, deliveries, reason and time, the job tells the rest.
 */
void dead_job_batch_mark(struct dead_job_batch *batch, size_t i, const struct letter *death);

/* Letters, then dead_job_batch_retire. What failed is told by the outcomes; -1 when a stage failed.
 */
int dead_job_batch_move(struct dead_job_batch *batch, struct error *error);

/* Removes from the origin those that are safe elsewhere. */
int dead_job_batch_retire(struct dead_job_batch *batch, struct error *error);

/* Whether it may go: confirmed elsewhere, and with its body. */
bool dead_job_is_safe(const struct dead_job *dead);

/* Ends the batch. */
void dead_job_batch_clear(struct dead_job_batch *batch);

CLEANUP_DEFINE(struct dead_job_batch *, cleanup_dead_job_batch, dead_job_batch_close)

#endif
