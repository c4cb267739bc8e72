#include "job_pile.h"

void job_pile_add(struct job_pile *pile, struct job *job)
{
    size_t length;
    job_body(job, &length);
    pile->jobs[pile->n++] = *job;
    pile->bytes += length;
    *job = (struct job){0};
    if (pile->n == JOB_PILE_MAX || pile->bytes >= JOB_PILE_BYTES)
        job_pile_clear(pile);
}

void job_pile_clear(struct job_pile *pile)
{
    while (pile->n > 0)
        job_clear(&pile->jobs[--pile->n]);
    pile->bytes = 0;
}
