#include "letters/dead_job_batch.h"

#include "base/fault_point.h"
#include "dlq.h"
#include "letters/originals.h"

#include <stdlib.h>

int dead_job_batch_open(struct dead_job_batch **opened, struct dlq *dlq, struct error *error)
{
    _cleanup_(cleanup_dead_job_batch) struct dead_job_batch *batch = calloc(1, sizeof *batch);
    if (!batch)
        return error_set(error, EX_OSERR, "out of memory");
    batch->dlq = dlq;
    if (requester_open(&batch->requester, dlq->connection, error) < 0 ||
        letter_store_open(&batch->letters, dlq->connection, dlq->options->stream, BATCH_MAX,
                          error) < 0)
        return -1;
    *opened = take(batch);
    return 0;
}

void dead_job_batch_close(struct dead_job_batch *batch)
{
    if (!batch)
        return;
    requester_close(batch->requester);
    letter_store_close(batch->letters);
    free(batch);
}

int dead_job_batch_fetch(struct dead_job_batch *batch, const uint64_t *seqs, size_t n,
                         struct error *error)
{
    batch->n = n;
    for (size_t i = 0; i < n; i++) {
        batch->jobs[i] = (struct dead_job){0};
        batch->originals[i] = (struct stored_message){
            .stream = seqs[i] ? batch->dlq->options->origin : NULL, .seq = seqs[i]};
    }
    return stored_messages_fetch(batch->requester, batch->originals, n, error);
}

void dead_job_batch_mark(struct dead_job_batch *batch, size_t i, const struct letter *death)
{
    struct dead_job *dead = &batch->jobs[i];
    dead->is_dead = true;
    dead->letter = *death;
    dead->letter.origin = batch->dlq->options->origin;
    letter_about(&dead->letter, &batch->originals[i].job);
}

static int store_letters(struct dead_job_batch *batch, struct error *error)
{
    int result = 0;
    for (size_t i = 0; i < batch->n; i++) {
        struct dead_job *dead = &batch->jobs[i];
        if (dead->is_dead && !dead->has_letter &&
            letter_store_put(batch->letters, SUBJECT_DEAD, &dead->letter, &batch->originals[i].job,
                             &dead->outcome, error) < 0)
            result = -1;
    }
    return letter_store_flush(batch->letters, error) < 0 ? -1 : result;
}

/* A letter by reference keeps its body in the origin. */
bool dead_job_is_safe(const struct dead_job *dead)
{
    return dead->is_dead && !dead->letter.by_reference &&
           (dead->has_letter || puback_confirms(&dead->outcome));
}

static const struct letter *choose_safe(void *batch, size_t i)
{
    struct dead_job *dead = &((struct dead_job_batch *)batch)->jobs[i];
    return dead_job_is_safe(dead) ? &dead->letter : NULL;
}

static void note_retirement(void *batch, size_t i, enum retire_outcome outcome)
{
    ((struct dead_job_batch *)batch)->jobs[i].retired = outcome;
}

int dead_job_batch_retire(struct dead_job_batch *batch, struct error *error)
{
    static const struct retire_step step = {choose_safe, .note = note_retirement};
    int result = retire_step_run(&step, batch, batch->n, batch->requester, error);
    fault_point("dead_jobs:retired");
    return result;
}

/* When storing fails for some jobs, the others are still retired. */
int dead_job_batch_move(struct dead_job_batch *batch, struct error *error)
{
    fault_point("dead_jobs:judged");
    int stored = store_letters(batch, error);
    fault_point("dead_jobs:stored");
    int retired = dead_job_batch_retire(batch, error);
    return stored < 0 || retired < 0 ? -1 : 0;
}

void dead_job_batch_clear(struct dead_job_batch *batch)
{
    stored_messages_clear(batch->originals, batch->n);
    batch->n = 0;
}
