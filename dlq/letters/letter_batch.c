#include "letters/letter_batch.h"

#include "base/fault_point.h"

#include <stdlib.h>

int lettering_open(struct lettering **opened, struct dlq *dlq, struct error *error)
{
    _cleanup_(cleanup_lettering) struct lettering *lettering = calloc(1, sizeof *lettering);
    if (!lettering)
        return error_set(error, EX_OSERR, "out of memory");
    lettering->dlq = dlq;
    if (exchange_open(&lettering->exchange, dlq->connection, error) < 0 ||
        letter_store_open(&lettering->letters, dlq->connection, dlq->options->stream, PORTION_MAX,
                          error) < 0)
        return -1;
    *opened = take(lettering);
    return 0;
}

void lettering_close(struct lettering *lettering)
{
    if (!lettering)
        return;
    exchange_close(lettering->exchange);
    letter_store_close(lettering->letters);
    free(lettering);
}

int lettering_fetch(struct lettering *lettering, const uint64_t *seqs, size_t n,
                    struct error *error)
{
    lettering->n = n;
    for (size_t i = 0; i < n; i++) {
        lettering->dead[i] = (struct dead){0};
        lettering->originals[i] =
            (struct stored){.stream = lettering->dlq->options->origin, .seq = seqs[i]};
    }
    return stored_fetch(lettering->exchange, lettering->dlq->connection, lettering->originals, n,
                        error);
}

void lettering_add(struct lettering *lettering, size_t i, const struct letter *death)
{
    struct dead *dead = &lettering->dead[i];
    dead->is_dead = true;
    dead->letter = *death;
    dead->letter.origin = lettering->dlq->options->origin;
    letter_about(&dead->letter, &lettering->originals[i].job);
}

/* After this stage each outcome says whether the job is safe. */
static int send_letters(struct lettering *lettering, struct error *error)
{
    int result = 0;
    for (size_t i = 0; i < lettering->n; i++) {
        struct dead *dead = &lettering->dead[i];
        if (dead->is_dead && !dead->has_letter &&
            letter_store_put(lettering->letters, LETTER_DEAD, &dead->letter,
                             &lettering->originals[i].job, &dead->outcome, error) < 0)
            result = -1;
    }
    return letter_store_flush(lettering->letters, error) < 0 ? -1 : result;
}

/* A letter by reference keeps its body in the origin. */
bool dead_is_safe(const struct dead *dead)
{
    return dead->is_dead && !dead->letter.by_reference &&
           (dead->has_letter || puback_confirms(&dead->outcome));
}

int lettering_retire(struct lettering *lettering, struct error *error)
{
    size_t n = 0;
    for (size_t i = 0; i < lettering->n; i++)
        if (dead_is_safe(&lettering->dead[i]))
            lettering->retirements[n++] = retirement_of(&lettering->dead[i].letter);
    int result =
        retire(lettering->exchange, lettering->dlq->connection, lettering->retirements, n, error);
    n = 0;
    for (size_t i = 0; i < lettering->n; i++)
        if (dead_is_safe(&lettering->dead[i]))
            lettering->dead[i].retired = lettering->retirements[n++].outcome;
    seam("lettering:retired");
    return result;
}

int lettering_make(struct lettering *lettering, struct error *error)
{
    seam("lettering:judged");
    int sent = send_letters(lettering, error); /* what was stored is retired all the same */
    seam("lettering:stored");
    int retired = lettering_retire(lettering, error);
    return sent < 0 || retired < 0 ? -1 : 0;
}

void lettering_clear(struct lettering *lettering)
{
    stored_clear(lettering->originals, lettering->n);
    lettering->n = 0;
}
