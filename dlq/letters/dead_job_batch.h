/* dead_job_batch: moves dead jobs from the origin into letters, a batch at a time: fetch the jobs →
 * publish their letters → confirmed → retire the jobs. Collector and sweep decide which jobs are
 * dead. For one thread:
 *
 *     dead_job_batch_fetch, dead_job_batch_mark for each dead job, dead_job_batch_move,
 *     dead_job_batch_clear */
#ifndef NATSQ_DEAD_JOB_BATCH_H
#define NATSQ_DEAD_JOB_BATCH_H

#include "letter/letter_store.h"
#include "letter/retire.h"
#include "letters/batch_size.h"
#include "queue/stored_messages.h"

struct dlq;

struct dead_job {
    bool is_dead;          /* otherwise it is left out */
    bool has_letter;       /* the DLQ stream holds its letter by value: it is only retired */
    struct letter letter;  /* its strings belong to the job and the caller */
    struct puback outcome; /* of storing its letter, or of its put-back (direct_requeue) */
    enum retire_outcome retired;
};

/* Read-only for users, but collector and sweep also write to `jobs`. */
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

/* Begins a batch: reads the jobs from the leader of the origin. Sequence 0 is not asked for. */
int dead_job_batch_fetch(struct dead_job_batch *batch, const uint64_t *seqs, size_t n,
                         struct error *error);

/* The ith job is dead. `death` gives consumer, deliveries, reason and time; the job gives the rest.
 */
void dead_job_batch_mark(struct dead_job_batch *batch, size_t i, const struct letter *death);

/* Stores the letters, then dead_job_batch_retire. -1 when a step failed; the outcomes show for
 * which jobs. */
int dead_job_batch_move(struct dead_job_batch *batch, struct error *error);

/* Retires the jobs that are safe. */
int dead_job_batch_retire(struct dead_job_batch *batch, struct error *error);

/* The job may be retired: it is confirmed elsewhere, with its body. */
bool dead_job_is_safe(const struct dead_job *dead);

void dead_job_batch_clear(struct dead_job_batch *batch);

CLEANUP_DEFINE(struct dead_job_batch *, cleanup_dead_job_batch, dead_job_batch_close)

#endif
